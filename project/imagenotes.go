package project

import (
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

// Which images a service uses follows, for most, from its package alone, and reading a compose file takes longer than all
// the rest of locking: so it is noted in the origin's memory. These notes begin with a line that names what was noted, and
// by which rules.
const imageNotes = "images 1"

// noteImages are the notes of a service's images, nil where they cannot be noted. Neither names of compose services nor
// references contain blanks.
func noteImages(images []service.Image) []string {
	notes := []string{imageNotes}
	for _, i := range images {
		for _, field := range []string{i.Service, i.Ref, i.Digest} {
			if strings.ContainsAny(field, " \t\n") {
				return nil
			}
		}
		notes = append(notes, i.Service+" "+i.Ref+" "+i.Digest)
	}
	return notes
}

// notedImages reads them; ok is false where there are none.
func notedImages(notes []string) (images []service.Image, ok bool) {
	if len(notes) == 0 || notes[0] != imageNotes {
		return nil, false
	}
	for _, n := range notes[1:] {
		name, rest, _ := strings.Cut(n, " ")
		ref, digest, ok := strings.Cut(rest, " ")
		if !ok {
			return nil, false
		}
		images = append(images, service.Image{Service: name, Ref: ref, Digest: digest})
	}
	return images, true
}

// noted are the notes of the services of one lock: those that the origin remembered, and those that it is to keep.
type noted struct {
	modules map[*lockfile.Module]*resolve.Selected

	mu    sync.Mutex
	found []resolve.Note
}

// notedIn are the notes of a lock's modules, which are those of the graph in its order.
func notedIn(lock *lockfile.Lock, graph *resolve.Graph) *noted {
	n := &noted{modules: make(map[*lockfile.Module]*resolve.Selected, len(lock.Modules))}
	for i := range lock.Modules {
		n.modules[&lock.Modules[i]] = &graph.Modules[i]
	}
	return n
}

func (n *noted) images(m *lockfile.Module) ([]service.Image, bool) {
	return notedImages(n.modules[m].Notes)
}

// add notes the images of a service.
func (n *noted) add(m *lockfile.Module, images []service.Image) {
	lines := noteImages(images)
	if lines == nil || m.Version == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.found = append(n.found, resolve.Note{Source: n.modules[m].Source, Version: m.Version, Sum: m.Sum, Lines: lines})
}

// keep hands over what was added.
func (n *noted) keep(origin resolve.Origin) {
	if memory, ok := origin.(resolve.Memory); ok && len(n.found) > 0 {
		memory.Note(n.found)
	}
}
