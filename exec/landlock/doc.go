// Package landlock starts programs that the Linux kernel keeps away from files, from other processes and from ports of the
// network: Landlock (https://docs.kernel.org/userspace-api/landlock.html), which needs no privileges, no helper program and
// some microseconds. What a program may have is listed, everything else is refused, and what it starts is held to the same.
//
// The kernel knows restrictions of a thread, which its children inherit and nobody can take off again. So a thread is made
// for each start, restricted, has the program start, and ends. It must not outlive the start: by what Landlock takes for
// the same domain, the program could read this process's memory by way of that thread.
//
// What Landlock does not cover on any kernel so far: looking at a file's size, owner and times, changing these and its
// permissions, sockets that have a path, and anything but TCP. Kernels before 6.2 cannot keep a file from being emptied
// by who may not write it otherwise, those before 6.7 know no ports, those before 6.12 no signals (see [Support]). Other
// systems have nothing like it.
package landlock
