// Package journal is the audit log: a file to which conduit appends a line of JSON for each thing that it fetches, verifies, builds,
// loads, starts or refuses. It is a [report.Recorder].
//
// A line is written at once, by one write to a file that is open for appending, so that lines of several processes stand one after
// the other and none in another. The file is opened with the first line: a command that does nothing leaves it alone. One that has
// grown past 16 MiB is put aside under the time, and conduit removes none.
package journal
