// Isolation measures what one provider does to another that runs beside it: the time of a call of the one while the other loops in
// as many processes as it can, takes memory, or forks without end, in multiples of the time without it. See bench/README.md.
package main
