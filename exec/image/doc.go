// Package image knows what a container image is made of, as far as a lock can say it: the digest that a tag has in its
// registry, the images that a Dockerfile builds on, and the files that a build context consists of.
//
// It also carries images to engines that cannot pull: it reads what an image is made of from a registry, a folder or any
// other [Blobs], compares every blob with the digest that leads there, and writes it as engines load it.
//
// It speaks to registries, never to an engine, so that a project can be locked on a machine that has none. A digest is
// that of the image index where the tag names one: it stands for the image of every platform. What was locked is built by
// giving the builder the same context with a Dockerfile whose images are named by their digests, which no engine takes
// without checking them.
package image
