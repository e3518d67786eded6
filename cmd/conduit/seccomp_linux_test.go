package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// supervised is a program of the test binary: "supervised PROGRAM ARGUMENT..." becomes PROGRAM, whose system calls are asked about at the
// socket that is file 3.
const supervised = "supervised"

func init() { programs[supervised] = supervise }

// notification and verdict are struct seccomp_notif and struct seccomp_notif_resp of linux/seccomp.h.
type notification struct {
	id          uint64
	pid, flags  uint32
	nr          int32
	arch        uint32
	instruction uint64
	args        [6]uint64
}

type verdict struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// supervise asks about diskCalls, hands the questions to whoever started it, and becomes the program.
func supervise() {
	err := func() error {
		runtime.LockOSThread() // the filter is this thread's, and what it becomes
		var code []unix.SockFilter
		code = append(code, unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}) // the number of the call
		for nr := range diskCalls {
			code = append(code, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: uint32(nr), Jf: 1}, unix.SockFilter{Code: unix.BPF_RET, K: unix.SECCOMP_RET_USER_NOTIF})
		}
		code = append(code, unix.SockFilter{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ALLOW})
		filter := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("prctl: %w", err)
		}
		program, err := exec.LookPath(os.Args[1])
		if err != nil {
			return err
		}
		env := os.Environ()
		listener, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&filter)))
		if errno != 0 {
			return fmt.Errorf("seccomp: %w", errno)
		}
		if err := unix.Sendmsg(3, []byte{0}, unix.UnixRights(int(listener)), nil, 0); err != nil {
			return fmt.Errorf("sendmsg: %w", err)
		}
		unix.CloseOnExec(3)
		return syscall.Exec(program, os.Args[1:], env)
	}()
	fmt.Fprintln(os.Stderr, supervised+":", err)
	os.Exit(1)
}

// runOn runs a command whose disk is d, and returns all that it prints. Go's own signals are off: a call that one interrupts is made again.
func (d *faultyDisk) runOn(c *exec.Cmd) (out []byte, err error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer ours.Close()
	wrapper, err := exec.LookPath(supervised)
	if err != nil {
		theirs.Close()
		return nil, err
	}
	w := exec.Command(wrapper, c.Args...)
	var text strings.Builder
	w.Dir, w.Env, w.SysProcAttr, w.Stdout, w.Stderr = c.Dir, append(c.Env, "GODEBUG=asyncpreemptoff=1"), c.SysProcAttr, &text, &text
	w.ExtraFiles = []*os.File{theirs}
	err = w.Start()
	theirs.Close()
	if err != nil {
		return nil, err
	}
	answered := d.answer(ours)
	err = w.Wait()
	return []byte(text.String()), errors.Join(err, answered)
}

func socketPair() (ours, theirs *os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs"), nil
}

// answer takes the questions from the socket and answers them until nobody is left who could ask.
func (d *faultyDisk) answer(from *os.File) error {
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(int(from.Fd()), make([]byte, 1), rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return fmt.Errorf("recvmsg: %w", err)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return fmt.Errorf("no questions came: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return err
	}
	defer unix.Close(fds[0])
	for {
		ready := []unix.PollFd{{Fd: int32(fds[0]), Events: unix.POLLIN}}
		if _, err := unix.Poll(ready, -1); err != nil && err != unix.EINTR {
			return fmt.Errorf("poll: %w", err)
		}
		if ready[0].Revents&unix.POLLIN == 0 {
			if ready[0].Revents&unix.POLLHUP != 0 {
				return nil
			}
			continue
		}
		var asked notification
		if errno := ioctl(fds[0], unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&asked)); errno != 0 {
			if errno == unix.ENOENT || errno == unix.EINTR { // who asked is gone
				continue
			}
			return fmt.Errorf("a question: %w", errno)
		}
		call := diskCalls[asked.nr]
		reply := verdict{id: asked.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		if errno := d.decide(call, calledPath(call, asked.pid, asked.args)); errno != 0 {
			reply = verdict{id: asked.id, errno: -int32(errno)}
		}
		if errno := ioctl(fds[0], unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&reply)); errno != 0 && errno != unix.ENOENT {
			return fmt.Errorf("an answer: %w", errno)
		}
	}
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	return errno
}
