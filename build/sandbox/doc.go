// Package sandbox runs a command of a package, such as an install script, where it can do little harm: without a network,
// and with nothing of the machine in sight but its compilers and libraries, which it cannot change. What it may write to
// is one folder, that lies at the same path on every machine ([Root]).
//
// On Linux these are namespaces of the kernel: user, mount, process, network, IPC and host name. The program that runs this
// package starts itself again inside of them (see init in child_linux.go), makes a file system of what the command may see,
// gives up every capability, and becomes the command. Where the kernel refuses any of that, nothing is run. Other
// systems have no sandbox yet.
package sandbox
