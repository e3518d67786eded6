// Command hundred measures what a supervisor costs while nothing happens: a hundred local processes under one conduit up
// --hold, of which it reads memory and processor time, and how long ps takes.
//
// It reads /proc and so runs on Linux only.
package main
