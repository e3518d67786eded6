package landlock

// Access is what a program may do below a path.
type Access uint8

// The kinds of access, to be combined.
const (
	Read   Access = 1 << iota // read files and list folders
	Run                       // start programs
	Write                     // change, make, move and remove files and folders; does not include Read
	Device                    // send commands to a device (ioctl)
)

// Rule gives access to a file, or to a folder and all that is below it. A symbolic link stands for what it leads to when the program
// starts. A path that does not exist then gives nothing.
type Rule struct {
	Path   string
	Access Access
}

// Rules are all that a program may have. Processes of others it can neither signal nor look into, and of sockets without a path
// it reaches its own alone.
type Rules struct {
	Files []Rule
	Fixed []Rule   // likewise, but a path with a symbolic link in it or at its end gives nothing
	Ports []uint16 // of TCP that it may connect to, listening on none; nil for no limit on either
}

// Support is what the running kernel can enforce. The zero value is nothing.
type Support struct {
	Version  int  // of the kernel's interface, which Linux calls its ABI; 0 for none
	Files    bool // reading, running, writing: Linux 5.13
	Truncate bool // emptying a file is writing: Linux 6.2
	Ports    bool // TCP: Linux 6.7
	Devices  bool // commands to devices: Linux 6.10
	Signals  bool // other processes cannot be ended, abstract sockets not reached: Linux 6.12
}
