package hold

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// buffer is what a bufio.Reader lets us see of it.
type buffer interface {
	io.Reader
	Buffered() int
	Peek(n int) ([]byte, error)
	Discard(n int) (int, error)
	ReadSlice(delim byte) ([]byte, error)
}

// copyBody copies n bytes as they come.
func copyBody(to io.Writer, from buffer, n int64) error {
	for n > 0 {
		if from.Buffered() == 0 {
			if _, err := from.Peek(1); err != nil {
				return unexpected(err)
			}
		}
		b, _ := from.Peek(int(min(int64(from.Buffered()), n)))
		if _, err := to.Write(b); err != nil {
			return err
		}
		n -= int64(len(b))
		_, _ = from.Discard(len(b))
	}
	return nil
}

var errChunk = errors.New("a chunk of the body has no size")

// copyChunked copies a chunked body (RFC 9112, section 7.1) with its trailer, byte for byte. What has come is written
// before more is waited for.
func copyChunked(to io.Writer, from buffer) error {
	var pending []byte
	flush := func() error {
		_, err := to.Write(pending)
		pending = pending[:0]
		return err
	}
	line := func() ([]byte, error) {
		b, _ := from.Peek(from.Buffered())
		if len(pending) > 0 && bytes.IndexByte(b, '\n') < 0 {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		b, err := from.ReadSlice('\n')
		if err != nil {
			return nil, unexpected(err)
		}
		pending = append(pending, b...)
		return bytes.TrimRight(b, "\r\n"), nil
	}
	for {
		text, err := line()
		if err != nil {
			return err
		}
		digits, _, _ := bytes.Cut(text, []byte(";"))
		size, err := strconv.ParseInt(string(bytes.TrimSpace(digits)), 16, 64)
		if err != nil || size < 0 {
			return errChunk
		}
		if size == 0 {
			break
		}
		if int64(from.Buffered()) >= size+2 && size < bufferSize { // the usual small chunk that is all there
			b, _ := from.Peek(int(size) + 2)
			pending = append(pending, b...)
			_, _ = from.Discard(len(b))
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		if err := copyBody(to, from, size+2); err != nil {
			return err
		}
	}
	for {
		text, err := line()
		if err != nil {
			return err
		}
		if len(text) == 0 {
			return flush()
		}
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
