// Command cowsay is the service of the cowsay example: an HTTP server that draws a cow.
//
// It listens on $HOST:$PORT (all interfaces and port 80 by default, as a container wants it) and answers
//
//	GET  /health
//	POST /cowsay   {"text": "moo"}  →  {"cowsayOutput": "…"}
package main
