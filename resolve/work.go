package resolve

import (
	"cmp"
	"sync"
	"sync/atomic"
)

const defaultParallel = 8

func (s *solver) workers() int { return max(1, cmp.Or(s.p.Parallel, defaultParallel)) }

// parallel calls do for every number below n: a few goroutines take one after another, since each grows a stack of its own.
func (s *solver) parallel(n int, do func(i int)) {
	var next atomic.Int64
	each := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var group sync.WaitGroup
	for range min(n, s.workers()) - 1 {
		group.Go(each)
	}
	each()
	group.Wait()
}
