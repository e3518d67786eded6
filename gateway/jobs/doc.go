// Package jobs keeps calls of models that outlive their client and the gateway's process.
//
// A job is accepted when it is on disk: its inputs are written and synced, then its record. What the process was doing when it
// ended, however that came, begins again when the queue is opened the next time: a job runs at least once, and more than once
// when the process ended while it ran. A job says how often it began.
//
// A queue is a folder: jobs.db (bbolt), and a folder for the inputs and outputs of each job. Only one process has it open.
package jobs
