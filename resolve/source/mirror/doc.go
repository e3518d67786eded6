// Package mirror reads and serves static copies of what packages are made of: the refs and commits of git repositories, the
// documents and tarballs of npm packages, the images of services. A [Route] says which mirrors are asked, as GOPROXY does for Go; the files have the
// names that this package gives them, so that any web server, a CDN or a folder can be a mirror. Who writes one is in
// project; what a mirror says is judged by whoever asks for it.
package mirror
