package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway"
	"github.com/MediaConduit/conduit/gateway/jobs"
	"github.com/MediaConduit/conduit/project"
)

// patience is how long tests wait for what happens by itself.
const patience = time.Minute

// submit submits a job and returns it.
func (s *served) submit(body string, header ...string) jobs.Job {
	s.t.Helper()
	var job jobs.Job
	s.ask("POST", "/api/v1/jobs", body, header...).want(s.t, http.StatusAccepted).read(s.t, &job)
	return job
}

// until waits until a job is as is says.
func (s *served) until(id string, is func(jobs.Job) bool) jobs.Job {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var job jobs.Job
		s.ask("GET", "/api/v1/jobs/"+id, "").want(s.t, 200).read(s.t, &job)
		if is(job) {
			return job
		}
		if time.Now().After(end) {
			s.t.Fatalf("the job stays %+v", job)
		}
	}
}

func in(state jobs.State) func(jobs.Job) bool {
	return func(j jobs.Job) bool { return j.State == state }
}

func TestJob(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	answered := s.ask("POST", "/api/v1/jobs", `{"model":"studio/tell","text":"moo"}`).want(t, 202, `"state":"queued"`)
	var job jobs.Job
	answered.read(t, &job)
	if answered.Header.Get("Location") != "/api/v1/jobs/"+job.ID {
		t.Errorf("Location: %s", answered.Header.Get("Location"))
	}
	at := "/api/v1/jobs/" + job.ID
	events := s.ask("GET", at+"/events", "")
	if events.StatusCode == 200 {
		events.want(t, 200, "event: state\n", `"state":"succeeded"`, "event: result\n", "once upon a time")
	}
	s.until(job.ID, in(jobs.Succeeded))
	s.ask("GET", at, "").want(t, 200, `"attempts":1`, `"text":"once upon a time"`)
	last := s.ask("GET", at+"/events", "").want(t, 200, "id: 1-end\nevent: result\n")
	s.ask("GET", at+"/events", "", "Last-Event-ID", "1-end").want(t, 204)
	if strings.Contains(string(last.body), "partial") {
		t.Errorf("a job that has ended tells\n%s", last.body)
	}
	s.ask("POST", at+"/cancel", "").want(t, 200, `"state":"succeeded"`)
	s.ask("GET", at+"/outputs/0", "").want(t, 404, "no file 0")
	s.ask("DELETE", at, "").want(t, 204)
	s.ask("GET", at, "").want(t, 404, "GET /api/v1/jobs")

	drawn := s.submit(`{"model":"studio/large","text":"a fox"}`)
	s.until(drawn.ID, in(jobs.Succeeded))
	file := s.ask("GET", "/api/v1/jobs/"+drawn.ID+"/outputs/0", "").want(t, 200)
	if len(file.body) != 5*plugin.MaxInline || file.Header.Get("Content-Type") != "image/png" {
		t.Errorf("got %d bytes of %s", len(file.body), file.Header.Get("Content-Type"))
	}
	failed := s.submit(`{"model":"studio/crash","text":"moo"}`)
	s.until(failed.ID, in(jobs.Failed))
	s.ask("GET", "/api/v1/jobs/"+failed.ID, "").want(t, 200, `"retryable":true`, "conduit logs studio")
	s.ask("GET", "/api/v1/jobs?limit=1", "").want(t, 200, failed.ID)
	s.ask("GET", "/api/v1/jobs?state=succeeded", "").want(t, 200, drawn.ID)
	if got := s.ask("GET", "/api/v1/jobs?before="+failed.ID, "").want(t, 200, drawn.ID); strings.Contains(string(got.body), failed.ID) {
		t.Errorf("got %s", got.body)
	}
	s.ask("GET", "/api/v1/jobs?before="+drawn.ID, "").want(t, 200, `"jobs":[]`) // the oldest
	s.ask("GET", "/api/v1/jobs?limit=0", "").want(t, 400, "from 1 to 500")
	s.ask("POST", "/api/v1/jobs", `{"model":"studio/echo","text":"moo","deadline":"2001-01-01T00:00:00Z"}`).want(t, 400, "deadline has passed")
	s.ask("POST", "/api/v1/jobs", `{"model":"studio/echo","text":"moo","webhook":"https://example.com/"}`).want(t, 403, "--webhook-secret")
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	form := func(content string) (string, string) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		if err := w.WriteField("model", "studio/hear"); err != nil {
			t.Fatal(err)
		}
		part, err := w.CreateFormFile("input", "a.wav")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, content)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return body.String(), w.FormDataContentType()
	}
	ids := make([]string, 8)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			body, kind := form("sound")
			ids[i] = s.submit(body, "Idempotency-Key", "one", "Content-Type", kind).ID
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("got %v", ids)
		}
	}
	s.until(ids[0], in(jobs.Succeeded))
	body, kind := form("sound")
	if again := s.ask("POST", "/api/v1/jobs", body, "Idempotency-Key", "one", "Content-Type", kind).want(t, 202, ids[0]); again.Header.Get("Idempotent-Replayed") != "true" {
		t.Error("it does not say that it is an earlier one's")
	}
	body, kind = form("noise")
	s.ask("POST", "/api/v1/jobs", body, "Idempotency-Key", "one", "Content-Type", kind).want(t, 422, "new key", ids[0])
	s.ask("POST", "/api/v1/jobs", body, "Idempotency-Key", strings.Repeat("k", 256), "Content-Type", kind).want(t, 400, "UUID")
	if got := s.host.count(); got != 1 {
		t.Errorf("called %d times", got)
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, "jobs"))
	if err != nil || len(entries) != 2 { // jobs.db and the folder of one job
		t.Errorf("got %v, %v", entries, err)
	}
}

func TestCancelAndDeadline(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.Jobs.Workers, o.Jobs.Waiting = 1, 1 })
	running := s.submit(`{"model":"studio/wait","text":"moo"}`)
	s.until(running.ID, in(jobs.Running))
	waits := s.submit(`{"model":"studio/echo","text":"moo"}`)
	s.ask("POST", "/api/v1/jobs", `{"model":"studio/echo","text":"moo"}`).want(t, 429, "--queue", `"retryable":true`)
	s.ask("DELETE", "/api/v1/jobs/"+running.ID, "").want(t, 409, "/cancel")
	s.ask("POST", "/api/v1/jobs/"+waits.ID+"/cancel", "").want(t, 200, `"state":"cancelled"`, "the job was cancelled")
	s.ask("POST", "/api/v1/jobs/"+running.ID+"/cancel", "").want(t, 200)
	s.until(running.ID, in(jobs.Cancelled))
	late := s.submit(fmt.Sprintf(`{"model":"studio/wait","text":"moo","deadline":%q}`, time.Now().Add(50*time.Millisecond).Format(time.RFC3339Nano)))
	s.until(late.ID, in(jobs.Failed))
	s.ask("GET", "/api/v1/jobs/"+late.ID, "").want(t, 200, "deadline passed", `"kind":"timeout"`)
	slow := s.submit(`{"model":"studio/wait","text":"moo","timeout":0.01}`)
	s.until(slow.ID, in(jobs.Failed))
	s.ask("GET", "/api/v1/jobs/"+slow.ID, "").want(t, 200, `"kind":"timeout"`, "longer than 10ms")
}

// TestFollow: a client sees events as they come, and one that comes back those that it missed.
func TestFollow(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	proceed := make(chan struct{})
	s.host.answer = func(ctx context.Context, req project.RunRequest) (plugin.Response, error) {
		req.Progress(plugin.Progress{Fraction: -1, Partial: "one "})
		select {
		case <-proceed:
		case <-ctx.Done():
		}
		req.Progress(plugin.Progress{Fraction: -1, Partial: "two"})
		return plugin.Response{Outputs: []plugin.Media{plugin.Text("one two")}}, nil
	}
	job := s.submit(`{"model":"studio/tell","text":"moo"}`)
	resp, err := http.Get(s.url + "/api/v1/jobs/" + job.ID + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	id := ""
	for lines.Scan() && !strings.Contains(lines.Text(), `"one "`) {
		if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = text
		}
	}
	close(proceed)
	rest := s.ask("GET", "/api/v1/jobs/"+job.ID+"/events", "", "Last-Event-ID", id).want(t, 200, "event: result")
	if strings.Contains(string(rest.body), `"one "`) {
		t.Errorf("after %s comes\n%s", id, rest.body)
	}
	seen := false
	for lines.Scan() {
		seen = seen || strings.Contains(lines.Text(), `"two"`)
	}
	if !seen {
		t.Error("the first client did not see the end")
	}
}

// TestCrash: what the disk has while a gateway works is what it has after its process was killed. Another process takes up all
// that was accepted, and nothing else.
func TestCrash(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.Jobs.Workers, o.Drain = 1, time.Millisecond })
	running := s.submit(`{"model":"studio/wait","text":"moo"}`)
	s.until(running.ID, in(jobs.Running))
	var waits []string
	for i := range 5 {
		waits = append(waits, s.submit(fmt.Sprintf(`{"model":"studio/echo","text":"moo %d"}`, i), "Idempotency-Key", fmt.Sprint(i)).ID)
	}
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(s.dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(copied, "jobs", "job_neveraccepted"), 0o700); err != nil {
		t.Fatal(err)
	}
	after := serve(t, func(o *gateway.Options) { o.Dir = copied })
	for i, id := range waits {
		if got := after.until(id, in(jobs.Succeeded)); got.Attempts != 1 || *got.Result.Outputs[0].Text != fmt.Sprintf("text moo %d", i) {
			t.Errorf("got %+v", got)
		}
	}
	if got := after.until(running.ID, in(jobs.Running)); got.Attempts != 2 {
		t.Errorf("it began %d times", got.Attempts)
	}
	if again := after.submit(`{"model":"studio/echo","text":"moo 3"}`, "Idempotency-Key", "3"); again.ID != waits[3] {
		t.Errorf("the key is forgotten: %s", again.ID)
	}
	if _, err := os.Stat(filepath.Join(copied, "jobs", "job_neveraccepted")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder of no job stays: %v", err)
	}
	after.ask("POST", "/api/v1/jobs/"+running.ID+"/cancel", "").want(t, 200)
	after.until(running.ID, in(jobs.Cancelled))
}

// TestStop: a job that does not end in time waits for the next start, and one that ends the gateway each time does not run for ever.
func TestStop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var id string
	for attempt := 1; attempt <= 2; attempt++ {
		t.Run(fmt.Sprint(attempt), func(t *testing.T) {
			s := serve(t, func(o *gateway.Options) { o.Dir, o.Drain, o.Jobs.Attempts = dir, time.Millisecond, 2 })
			if id == "" {
				id = s.submit(`{"model":"studio/wait","text":"moo"}`).ID
			}
			if got := s.until(id, in(jobs.Running)); got.Attempts != attempt {
				t.Errorf("it began %d times", got.Attempts)
			}
		})
	}
	s := serve(t, func(o *gateway.Options) { o.Dir, o.Jobs.Attempts = dir, 2 })
	s.until(id, in(jobs.Failed))
	s.ask("GET", "/api/v1/jobs/"+id, "").want(t, 200, "began 2 times")
}

// TestKept: results go when their time is over, or when they have no room.
func TestKept(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.Storage = 2 * 12 * plugin.MaxInline })
	var ids []string
	for range 3 {
		id := s.submit(`{"model":"studio/large","text":"a fox"}`).ID
		s.until(id, in(jobs.Succeeded))
		ids = append(ids, id)
	}
	for end := time.Now().Add(patience); s.ask("GET", "/api/v1/jobs/"+ids[0], "").StatusCode != 404; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the oldest stays")
		}
	}
	s.ask("GET", "/api/v1/jobs/"+ids[2]+"/outputs/0", "").want(t, 200)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) { // files go after the record
		if _, err := os.Stat(filepath.Join(s.dir, "jobs", ids[0])); errors.Is(err, os.ErrNotExist) {
			break
		} else if time.Now().After(end) {
			t.Fatalf("its files stay: %v", err)
		}
	}
	short := serve(t, func(o *gateway.Options) { o.Keep = time.Millisecond })
	id := short.submit(`{"model":"studio/echo","text":"moo"}`).ID
	for end := time.Now().Add(patience); short.ask("GET", "/api/v1/jobs/"+id, "").StatusCode != 404; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it stays")
		}
	}
}

// hook is a receiver of webhooks.
type hook struct {
	mu   sync.Mutex
	got  []*http.Request
	body [][]byte
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body) // what is missing does not match its signature
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got, h.body = append(h.got, r), append(h.body, body.Bytes())
	switch len(h.got) {
	case 1:
		w.WriteHeader(http.StatusInternalServerError)
	case 2:
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	receiver := &hook{}
	server := httptest.NewServer(receiver)
	defer server.Close()
	s := serve(t, func(o *gateway.Options) {
		o.Jobs.Webhooks = jobs.WebhookOptions{Secret: "signed", Allow: []string{"127.0.0.1"}, Pause: func(int) time.Duration { return 0 }}
	})
	job := s.submit(fmt.Sprintf(`{"model":"studio/echo","text":"moo","webhook":%q}`, server.URL+"/hook"))
	s.until(job.ID, func(j jobs.Job) bool { return j.Webhook.State == "delivered" && j.Webhook.Attempts == 3 })
	receiver.mu.Lock()
	defer receiver.mu.Unlock()
	for i, r := range receiver.got {
		if r.URL.Path != "/hook" {
			t.Errorf("a redirect was followed to %s", r.URL)
		}
		at := r.Header.Get("Webhook-Timestamp")
		if r.Header.Get("Webhook-Id") != job.ID || r.Header.Get("Webhook-Signature") != jobs.Sign("signed", job.ID, at, receiver.body[i]) {
			t.Errorf("got %v", r.Header)
		}
		if !bytes.Contains(receiver.body[i], []byte(`"type":"job.succeeded"`)) || !bytes.Contains(receiver.body[i], []byte("text moo")) {
			t.Errorf("got %s", receiver.body[i])
		}
	}
	for address, want := range map[string]string{
		"http://10.0.0.1/": "--webhook-allow 10.0.0.1", "https://[::1]/": "--webhook-allow ::1", "http://example.com/": "webhooks go over https",
		"https://169.254.169.254/": "no public address", "ftp://example.com/": "https://example.com/hook", "https://u:p@example.com/": "holds a password", "https://100.64.0.1/": "no public address",
	} {
		got := s.ask("POST", "/api/v1/jobs", fmt.Sprintf(`{"model":"studio/echo","text":"moo","webhook":%q}`, address))
		if got.StatusCode != 400 && got.StatusCode != 403 || !strings.Contains(string(got.body), want) {
			t.Errorf("%s: %d %s", address, got.StatusCode, got.body)
		}
	}
}

// TestWebhookName: a name that means a private address at the time of the call is not called.
func TestWebhookName(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was called") }))
	defer server.Close()
	s := serve(t, func(o *gateway.Options) {
		o.Jobs.Webhooks = jobs.WebhookOptions{Secret: "signed", Pause: func(int) time.Duration { return 0 }}
	})
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "https://"), ":")
	job := s.submit(fmt.Sprintf(`{"model":"studio/echo","text":"moo","webhook":"https://localhost:%s/"}`, port))
	got := s.until(job.ID, func(j jobs.Job) bool { return j.Webhook.State == "given-up" })
	if got.Webhook.Attempts != 10 || !strings.Contains(got.Webhook.Problem, "no public address") {
		t.Errorf("got %+v", got.Webhook)
	}
}
