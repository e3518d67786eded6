package plugin

import (
	"context"
	"errors"
	"sync"

	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"google.golang.org/grpc"
)

// questions is the provider's side of the call-back: it implements [Services] by asking conduit on the stream.
type questions struct {
	ask chan *providerv1.ServiceQuestion

	mu      sync.Mutex
	last    uint64
	waiting map[uint64]chan *providerv1.ServiceAnswer
}

var errNoAnswer = errors.New("conduit does not answer any more")

// serve sends questions and hands out answers until conduit ends the stream.
func (q *questions) serve(stream grpc.BidiStreamingServer[providerv1.ServiceAnswer, providerv1.ServiceQuestion]) error {
	received := make(chan error, 1)
	go func() {
		for {
			answer, err := stream.Recv()
			if err != nil {
				received <- err
				return
			}
			q.mu.Lock()
			waiting := q.waiting[answer.GetId()]
			delete(q.waiting, answer.GetId())
			q.mu.Unlock()
			if waiting != nil {
				waiting <- answer
			}
		}
	}()
	for {
		select {
		case question := <-q.ask:
			if err := stream.Send(question); err != nil {
				return err
			}
		case err := <-received:
			q.mu.Lock()
			defer q.mu.Unlock()
			for id, waiting := range q.waiting {
				delete(q.waiting, id)
				close(waiting)
			}
			return err
		}
	}
}

func (q *questions) put(ctx context.Context, operation providerv1.ServiceQuestion_Operation, name string) (ServiceInfo, error) {
	waiting := make(chan *providerv1.ServiceAnswer, 1)
	q.mu.Lock()
	q.last++
	id := q.last
	q.waiting[id] = waiting
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.waiting, id)
	}()
	select {
	case q.ask <- &providerv1.ServiceQuestion{Id: id, Operation: operation, Service: name}:
	case <-ctx.Done():
		return ServiceInfo{}, ctx.Err()
	}
	select {
	case answer, ok := <-waiting:
		if !ok {
			return ServiceInfo{}, errNoAnswer
		}
		if failure := answer.GetError(); failure != nil {
			return ServiceInfo{}, &CallError{Kind: failure.GetKind().String(), Message: failure.GetMessage(), Remedy: failure.GetRemedy()}
		}
		return fromServiceInfo(answer.GetInfo()), nil
	case <-ctx.Done():
		return ServiceInfo{}, ctx.Err()
	}
}

// Status implements [Services].
func (q *questions) Status(ctx context.Context, name string) (ServiceInfo, error) {
	return q.put(ctx, providerv1.ServiceQuestion_STATUS, name)
}

// Start implements [Services].
func (q *questions) Start(ctx context.Context, name string) (ServiceInfo, error) {
	return q.put(ctx, providerv1.ServiceQuestion_START, name)
}

// Stop implements [Services].
func (q *questions) Stop(ctx context.Context, name string) (ServiceInfo, error) {
	return q.put(ctx, providerv1.ServiceQuestion_STOP, name)
}

// Restart implements [Services].
func (q *questions) Restart(ctx context.Context, name string) (ServiceInfo, error) {
	return q.put(ctx, providerv1.ServiceQuestion_RESTART, name)
}
