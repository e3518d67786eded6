package service

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
)

const (
	logMost = 8 << 20 // bytes of one log file
	logKept = 5       // files besides the one that is written
)

// logs are the log files that there may be, the oldest first.
func (in *instance) logs() []string {
	var all []string
	for i := logKept; i > 0; i-- {
		all = append(all, in.log()+"."+strconv.Itoa(i))
	}
	return append(all, in.log())
}

// rotate makes room for a new log file, where the present one holds anything.
func (in *instance) rotate() error {
	if info, err := os.Stat(in.log()); err != nil || info.Size() == 0 {
		return nil
	}
	all := in.logs()
	for i := 1; i < len(all); i++ {
		if err := os.Rename(all[i], all[i-1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// shrink keeps a log file that a running process writes within its bounds. The process holds the file open and appends, so
// it is copied and then emptied; what is written between the two is lost.
func (in *instance) shrink() error {
	if info, err := os.Stat(in.log()); err != nil || info.Size() <= logMost {
		return nil
	}
	all := in.logs()
	for i := 1; i < len(all)-1; i++ {
		if err := os.Rename(all[i], all[i-1]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	from, err := os.OpenFile(in.log(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(all[len(all)-2], os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Close()); err != nil {
		return err // the disk is full: nothing is thrown away
	}
	return from.Truncate(0)
}
