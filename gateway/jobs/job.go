package jobs

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
)

// State tells what becomes of a job.
type State string

// The states of a job. The last three are final.
const (
	Queued    State = "queued"
	Running   State = "running"
	Succeeded State = "succeeded"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Final reports whether a job in this state changes no more.
func (s State) Final() bool { return s == Succeeded || s == Failed || s == Cancelled }

// Job is a job as clients see it.
type Job struct {
	ID         string           `json:"id"`
	State      State            `json:"state"`
	Model      string           `json:"model"` // as the client named it
	Capability string           `json:"capability,omitempty"`
	Created    time.Time        `json:"created"`
	Started    time.Time        `json:"started,omitzero"` // when it began the last time
	Finished   time.Time        `json:"finished,omitzero"`
	Deadline   time.Time        `json:"deadline,omitzero"` // when it fails if it has not ended
	Attempts   int              `json:"attempts"`          // how often it began; more than once when the gateway ended while it ran
	Result     *call.Result     `json:"result,omitempty"`
	Error      *failure.Failure `json:"error,omitempty"`
	Webhook    *Webhook         `json:"webhook,omitempty"`
}

// Webhook is where the end of a job is told, and how far that is.
type Webhook struct {
	URL      string    `json:"url"`
	State    string    `json:"state"` // "waiting" for the job's end, "pending", "delivered" or "given-up"
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next,omitzero"`     // of the next attempt
	Problem  string    `json:"problem,omitempty"` // what the last attempt met
}

// record is a job as it is on disk.
type record struct {
	Job
	Call        call.Call     `json:"call"` // without inputs once the job has ended
	Delivery    call.Delivery `json:"delivery,omitempty"`
	Timeout     time.Duration `json:"timeout"`               // of a run
	Key         string        `json:"key,omitempty"`         // Idempotency-Key
	Fingerprint string        `json:"fingerprint,omitempty"` // of the request that had the key
	Outputs     []output      `json:"outputs,omitempty"`
	Size        int64         `json:"size,omitempty"` // bytes of what is kept of it, once it has ended
}

// output is a file that a job made.
type output struct {
	File string `json:"file"` // its name in the job's folder; "" for an output that is in the result
	MIME string `json:"mime"`
}

// Submission is what makes a job.
type Submission struct {
	Call     call.Call
	Dir      string // where files of the call's inputs are; it becomes the queue's
	Delivery call.Delivery
	Timeout  time.Duration
	Deadline time.Time // zero for none
	Webhook  string    // address; "" for none
	Key      string    // Idempotency-Key; "" for none
}

// alphabet is base32 as in RFC 4648's "extended hex": texts sort as the bytes do.
var alphabet = base32.HexEncoding.WithPadding(base32.NoPadding)

// newID is a name for a job: names sort by the time when they were made, and cannot be guessed.
func newID(now time.Time) string {
	var raw [20]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(now.UnixMicro()))
	_, _ = rand.Read(raw[8:]) // never fails
	return "job_" + strings.ToLower(alphabet.EncodeToString(raw[:]))
}
