// Package permission is what a provider may reach of the machine: the words in which its package declares it, in which conduit.lock
// keeps that, and by which two versions are compared. What enforces it is exec/plugin.
package permission
