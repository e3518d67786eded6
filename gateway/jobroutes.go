package gateway

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/jobs"
	"github.com/MediaConduit/conduit/gateway/sse"
)

// jobRequest is what a client submits: a request, and what becomes of its result.
type jobRequest struct {
	call.Request
	Deadline time.Time `json:"deadline,omitzero"`
	Webhook  string    `json:"webhook,omitempty"`
}

// submitJob answers POST /api/v1/jobs, when the job is on disk.
func (g *Gateway) submitJob(w http.ResponseWriter, r *http.Request) error {
	if g.draining.Load() {
		return stopping()
	}
	dir, err := g.caller.Folder()
	if err != nil {
		return err
	}
	defer g.caller.Release(dir, true) // has become the job's, or belongs to nobody
	var req jobRequest
	if err := readRequest(r, dir, &req, &req.Request); err != nil {
		return err
	}
	c, err := callOf(&req.Request, dir)
	if err != nil {
		return err
	}
	if _, _, err := g.caller.Catalogue.Find(r.Context(), req.Model); err != nil {
		return err
	}
	job, before, err := g.jobs.Submit(jobs.Submission{Call: c, Dir: dir, Delivery: req.Delivery, Timeout: req.Limit(g.opts.Timeout),
		Deadline: req.Deadline, Webhook: req.Webhook, Key: r.Header.Get("Idempotency-Key")})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/api/v1/jobs/"+job.ID)
	if before {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	writeJSON(w, http.StatusAccepted, job)
	return nil
}

const (
	listUsual = 50
	listMost  = 500
)

// listJobs answers GET /api/v1/jobs.
func (g *Gateway) listJobs(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	most := listUsual
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > listMost {
			return failure.Usage("limit="+text+" means nothing", fmt.Sprintf("use a number from 1 to %d", listMost))
		}
		most = n
	}
	all, err := g.jobs.List(jobs.State(query.Get("state")), query.Get("before"), most)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]any{"jobs": all})
	return nil
}

// readJob answers GET /api/v1/jobs/{id}.
func (g *Gateway) readJob(w http.ResponseWriter, r *http.Request) error {
	job, err := g.jobs.Read(r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, job)
	return nil
}

// cancelJob answers POST /api/v1/jobs/{id}/cancel.
func (g *Gateway) cancelJob(w http.ResponseWriter, r *http.Request) error {
	job, err := g.jobs.Cancel(r.PathValue("id"))
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, job)
	return nil
}

// removeJob answers DELETE /api/v1/jobs/{id}.
func (g *Gateway) removeJob(w http.ResponseWriter, r *http.Request) error {
	if err := g.jobs.Remove(r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// jobEvents answers GET /api/v1/jobs/{id}/events: with 204 where nothing is to come, which tells browsers not to ask again.
func (g *Gateway) jobEvents(w http.ResponseWriter, r *http.Request) error {
	watch, err := g.jobs.Watch(r.PathValue("id"), r.Header.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	if watch.Over() {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	stream := sse.Begin(w)
	defer stream.Close()
	// An error is that the client is gone.
	_ = watch.Each(r.Context(), func(e jobs.Event) error { return stream.Send(e.Name, e.ID, e.Data) })
	return nil
}

// jobOutput answers GET /api/v1/jobs/{id}/outputs/{number}. Ranges work.
func (g *Gateway) jobOutput(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		number = -1
	}
	f, kind, err := g.jobs.Output(r.PathValue("id"), number)
	if err != nil {
		return err
	}
	defer f.Close()
	return serveFile(w, r, f, kind)
}
