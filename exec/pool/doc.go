// Package pool shares one process among many callers: started at the first call, stopped when nobody has called for a while,
// replaced when it has crashed or its program has changed.
//
// Back-pressure: so many calls run at once, so many wait for their turn, and any further one is refused at once with an
// error that says that the same call may succeed later. A crash fails the calls that were in the process, as retryable, and
// nobody else's; the next process is started after a pause that doubles with each crash in a row. A reload starts the new
// process first: calls go on in the old one until they end, and where the new one cannot be started the old one stays.
//
// It knows nothing of what it runs but [Process]; package project has it run providers.
package pool
