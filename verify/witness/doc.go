// Package witness remembers which folders were hashed and found right, so that looking at them once more takes no reading as
// long as nobody has touched them since.
//
// A record says: at this time, this folder had this digest, and its files looked like this. The look is the name, type, mode,
// size, modification time, change time (ctime), inode and device of every file. No program can set a change time: it
// moves whenever content, size, mode, owner or times of a file do, so that bytes cannot change without it. What a clock's grain could hide
// is left out: a file that changed less than two seconds before it was hashed is not recorded, as git does with its index.
//
// Records are for telling that nothing has to be done. What is about to be run is hashed. They lie in a folder of the user's own, never beside
// what they speak of, which may be shared or come from elsewhere: whoever can write them is the user. They say nothing about disks that
// lose bits, and nothing about a system whose clock or disk is under somebody else's control; a record counts for a week.
package witness
