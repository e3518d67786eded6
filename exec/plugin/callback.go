package plugin

import (
	"context"
	"errors"
	"sync"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"github.com/MediaConduit/conduit/report"
)

// answer answers the provider's questions about its services as long as it lives. Each question has a goroutine of its
// own: a start may take minutes, and status is asked meanwhile.
func (p *Provider) answer() {
	stream, err := p.rpc.Services(p.alive)
	if err != nil {
		p.recorder.emit("debug", "the provider takes no answers about services: "+err.Error())
		return
	}
	var sending sync.Mutex
	for {
		question, err := stream.Recv()
		if err != nil {
			return
		}
		go func() {
			answer := p.ask(p.alive, question)
			sending.Lock()
			defer sending.Unlock()
			// An error here is the end of the stream, which Recv reports too.
			_ = stream.Send(answer)
		}()
	}
}

// ask has one question answered.
func (p *Provider) ask(ctx context.Context, question *providerv1.ServiceQuestion) *providerv1.ServiceAnswer {
	info, err := p.operate(ctx, question)
	if err == nil {
		return &providerv1.ServiceAnswer{Id: question.GetId(), Info: toServiceInfo(info)}
	}
	failure := &providerv1.Error{Kind: providerv1.Error_SERVICE, Message: err.Error()}
	var reported *report.Error
	if errors.As(err, &reported) {
		failure.Remedy = reported.Next
		shown := *reported
		shown.Next = ""
		failure.Message = shown.Error()
	}
	return &providerv1.ServiceAnswer{Id: question.GetId(), Error: failure}
}

func (p *Provider) operate(ctx context.Context, question *providerv1.ServiceQuestion) (ServiceInfo, error) {
	info, known := p.spec.Services[question.GetService()]
	if !known || p.services == nil {
		return ServiceInfo{}, &report.Error{
			Kind: report.Service, What: "service " + question.GetService() + " is not among the services of provider " + p.spec.Name,
			Next: "conduit get " + question.GetService(),
		}
	}
	switch question.GetOperation() {
	case providerv1.ServiceQuestion_STATUS:
		return p.services.Status(ctx, info.Name)
	case providerv1.ServiceQuestion_START:
		return p.services.Start(ctx, info.Name)
	case providerv1.ServiceQuestion_STOP:
		return p.services.Stop(ctx, info.Name)
	case providerv1.ServiceQuestion_RESTART:
		return p.services.Restart(ctx, info.Name)
	default:
		return ServiceInfo{}, errors.New("unknown operation " + question.GetOperation().String())
	}
}
