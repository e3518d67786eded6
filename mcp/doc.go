// Package mcp serves a project's models as tools of the Model Context Protocol (https://modelcontextprotocol.io), over
// standard input and output or over streamable HTTP: each model is one tool, whose schema is made of what the model takes.
//
// A call goes through [Host.Transform]: progress becomes notifications, the client's cancellation reaches the provider, and
// an error becomes a result that the client's model can read. Media that a call makes are kept as resources until the server
// ends, so that a further call may take them. docs/mcp.md is the handbook.
package mcp
