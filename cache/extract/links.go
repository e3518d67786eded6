package extract

import (
	"path"
	"slices"
	"strings"
)

// maxHops is how many links one path may run through, as on Linux.
const maxHops = 40

// Links replaces the links of an archive: for every file that a reader would find through one it gives the file that is
// meant. files and links share one namespace of clean names; the value of a link is its target as the archive writes it,
// relative to the link's folder. Links that name nothing are left out. More than max results are an error.
func Links(subject string, files []string, links map[string]string, limits Limits) (copies map[string]string, err error) {
	if len(links) == 0 {
		return nil, nil
	}
	r := &resolver{subject: subject, limits: limits.orDefault(), links: links, copies: map[string]string{}}
	r.names = append(r.names, files...)
	for name := range links {
		r.names = append(r.names, name)
	}
	slices.Sort(r.names)
	for _, name := range r.names {
		if _, isLink := links[name]; isLink {
			if err := r.replace(name, name, nil); err != nil {
				return nil, err
			}
		}
	}
	return r.copies, nil
}

type resolver struct {
	subject string
	limits  Limits
	names   []string // of files and links, sorted
	links   map[string]string
	copies  map[string]string
}

// replace records what the link called link means for a reader who sees it as name. open are the folders whose content
// is being copied.
func (r *resolver) replace(link, name string, open []string) error {
	target, err := r.follow(link)
	if err != nil {
		return err
	}
	if _, found := slices.BinarySearch(r.names, target); found {
		if len(r.copies) >= r.limits.Files {
			return r.limits.TooManyFiles(r.subject)
		}
		r.copies[name] = target
		return nil
	}
	if target == "." || strings.HasPrefix(link, target+"/") || slices.Contains(open, target) {
		return refuse(r.subject, link, "is a link to a folder that contains it")
	}
	prefix := target + "/"
	first, _ := slices.BinarySearch(r.names, prefix)
	open = append(open[:len(open):len(open)], target)
	for _, inner := range r.names[first:] {
		rest, below := strings.CutPrefix(inner, prefix)
		if !below {
			break
		}
		if _, isLink := r.links[inner]; isLink {
			err = r.replace(inner, name+"/"+rest, open)
		} else if len(r.copies) >= r.limits.Files {
			err = r.limits.TooManyFiles(r.subject)
		} else {
			r.copies[name+"/"+rest] = inner
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow gives the name that a link means in the end, which is no link itself.
func (r *resolver) follow(link string) (string, error) {
	rest := strings.Split(link, "/")
	done := "."
	for hops := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if done == "." {
				return "", refuse(r.subject, link, "is a link that leaves the package's folder (to %q)", r.links[link])
			}
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, part)
		target, isLink := r.links[next]
		if !isLink {
			done = next
			continue
		}
		if hops++; hops > maxHops {
			return "", refuse(r.subject, link, "is a link that leads back to itself")
		}
		if strings.HasPrefix(target, "/") || strings.Contains(target, `\`) || len(target) > 1 && target[1] == ':' {
			return "", refuse(r.subject, link, "is a link that leaves the package's folder (to %q)", target)
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return done, nil
}
