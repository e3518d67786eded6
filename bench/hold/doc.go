// Command hold measures what a held address costs: the time of a request through it beside that of the same request sent to
// the service itself, both over a kept connection.
//
// Client, service and holder are three processes, as in use. Requests go to the two in turns of a hundred, so that whatever
// else the machine does meets both.
package main
