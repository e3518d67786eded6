package call

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

const (
	jsonMost  = 32 << 20 // bytes of a request in JSON: all of it is in memory
	fieldMost = 4 << 20  // bytes of a form's field that is no file
	partsMost = 64       // fields and files of a form
)

// Decoder reads the bodies of requests.
type Decoder struct {
	Dir     string                      // where a form's files are written
	File    func(name string, in Input) // receives a form's files, with the names of their fields
	Lenient bool                        // fields that the struct has not are left out; else they are errors
}

// Decode reads a request's body into fields, which is a pointer to a struct, from JSON, or from a form whose fields are named
// as in JSON.
func (d Decoder) Decode(r *http.Request, fields any) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/json":
		return d.json(http.MaxBytesReader(nil, r.Body, jsonMost), fields)
	case err == nil && kind == "multipart/form-data" && params["boundary"] != "":
		return d.form(multipart.NewReader(r.Body, params["boundary"]), fields)
	}
	return &failure.Error{Status: http.StatusUnsupportedMediaType, Kind: "usage", Err: &report.Error{Kind: report.Usage,
		What: "the request's Content-Type is " + strconv.Quote(r.Header.Get("Content-Type")),
		Next: "send application/json, or multipart/form-data with a file for each input"}}
}

func (d Decoder) json(body io.Reader, fields any) error {
	decoder := json.NewDecoder(body)
	if !d.Lenient {
		decoder.DisallowUnknownFields()
	}
	err := decoder.Decode(fields)
	if err == nil {
		if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
			return failure.Usage("something follows the request's JSON", "send one object")
		}
		return nil
	}
	return bodyError(err, "the request is not the JSON that was expected")
}

// bodyError explains why a body cannot be read.
func bodyError(err error, what string) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return failure.TooLarge(fmt.Sprintf("the request has more than %d bytes", large.Limit), "send large inputs as files of a form (multipart/form-data), or have the gateway started with a larger --max-body")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &report.Error{Kind: report.Timeout, What: "the request did not arrive in time", Next: "send it faster, or have the gateway started with a longer --timeout"}
	}
	return &report.Error{Kind: report.Usage, What: what, Err: err, Next: "compare it with /openapi.json"}
}

// form reads a form: each field that is no file becomes a member of a JSON object, which fields is then read from.
func (d Decoder) form(form *multipart.Reader, fields any) error {
	members := map[string]json.RawMessage{}
	for i := 0; ; i++ {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return bodyError(err, "the request is not a form")
		}
		if i == partsMost {
			return failure.TooLarge(fmt.Sprintf("the form has more than %d fields", partsMost), "send fewer files at once")
		}
		if part.FileName() != "" {
			in, err := saved(part, d.Dir, i)
			if err != nil {
				return err
			}
			d.File(part.FormName(), in)
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, fieldMost+1))
		if err != nil {
			return bodyError(err, "the request is not a form")
		}
		if len(value) > fieldMost {
			return failure.TooLarge("the form's field "+part.FormName()+" is too large", "send it as a file")
		}
		member(members, part.FormName(), string(value), fields)
	}
	data, err := json.Marshal(members)
	if err != nil {
		return bodyError(err, "a field of the form is not the JSON that was expected")
	}
	return d.json(strings.NewReader(string(data)), fields)
}

// member adds a field of a form. "name[]" is an element of a list, as browsers and the clients of other APIs write it.
func member(members map[string]json.RawMessage, name, value string, fields any) {
	quoted, _ := json.Marshal(value) // a string always can
	if list, ok := strings.CutSuffix(name, "[]"); ok {
		old := strings.TrimSuffix(string(members[list]), "]")
		if old == "" {
			old = "["
		} else {
			old += ","
		}
		members[list] = json.RawMessage(old + string(quoted) + "]")
		return
	}
	members[name] = quoted
	// What is no text in the struct is written as JSON in the form.
	probe, _ := json.Marshal(map[string]json.RawMessage{name: quoted})
	if json.Unmarshal(probe, fields) != nil && json.Valid([]byte(value)) {
		members[name] = json.RawMessage(value)
	}
}

// saved writes a form's file to dir.
func saved(part *multipart.Part, dir string, i int) (Input, error) {
	kind, err := partType(part)
	in := Input{MIME: kind, Path: filepath.Join(dir, fmt.Sprintf("input-%d", i))}
	if err != nil {
		return in, err
	}
	f, err := os.OpenFile(in.Path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return in, storeError(err)
	}
	if _, err := io.Copy(f, part); err != nil {
		_ = f.Close()
		return in, uploadError(err)
	}
	if in.MIME == "" {
		in.MIME, err = media.Type(part.FileName(), func() ([]byte, error) {
			head := make([]byte, media.HeadSize)
			n, err := f.ReadAt(head, 0)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return head[:n], err
		})
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return in, storeError(err)
	}
	path := in.Path + media.Extension(in.MIME) // providers look at the name
	if err := os.Rename(in.Path, path); err != nil {
		return in, storeError(err)
	}
	in.Path = path
	return in, nil
}

// partType is the media type that a file of a form is declared with; "" where that says nothing.
func partType(part *multipart.Part) (string, error) {
	declared := part.Header.Get("Content-Type")
	if declared == "" {
		return "", nil
	}
	kind, _, err := mime.ParseMediaType(declared)
	if err != nil {
		return "", failure.Usage("the file "+strconv.Quote(part.FileName())+" has the malformed Content-Type "+strconv.Quote(declared), "leave it out, or write such as image/png")
	}
	if kind == "application/octet-stream" { // what clients write when they do not know
		return "", nil
	}
	return kind, nil
}

func uploadError(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return storeError(err)
	}
	return bodyError(err, "the file did not arrive whole")
}
