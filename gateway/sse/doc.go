// Package sse writes server-sent events (HTML Living Standard, section 9.2).
package sse
