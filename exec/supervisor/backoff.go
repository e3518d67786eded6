package supervisor

import "time"

// Backoff is how a service that ends is started again. Zero fields mean the usual.
type Backoff struct {
	First  time.Duration // pause before the first restart; half a second
	Most   time.Duration // to which the pause doubles; half a minute
	Steady time.Duration // a service that ran for so long begins anew with First; a minute
	Limit  int           // restarts one after the other until it has failed; 8
}

func (b Backoff) complete() Backoff {
	if b.First <= 0 {
		b.First = 500 * time.Millisecond
	}
	if b.Most <= 0 {
		b.Most = 30 * time.Second
	}
	if b.Steady <= 0 {
		b.Steady = time.Minute
	}
	if b.Limit <= 0 {
		b.Limit = 8
	}
	return b
}

// pause is that before restart number n, from 1.
func (b Backoff) pause(n int) time.Duration {
	d := b.First
	for ; n > 1 && d < b.Most; n-- {
		d *= 2
	}
	return min(d, b.Most)
}
