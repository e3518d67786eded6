package github

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	objcache "github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
)

// objects is a temporary object store.
type objects struct {
	*filesystem.Storage
	release func()
}

// remove closes and deletes the store; once is enough, twice does no harm.
func (o objects) remove() {
	_ = o.Close()
	o.release()
}

// request is what is asked of a host in one fetch.
type request struct {
	wants   []string // hashes
	depth   int      // commits of history, 0 for all
	filter  packp.Filter
	subject string // for progress
}

// fetch requests a pack and stores its objects. A hash that the host does not have gives errNoObjects.
func (r *remote) fetch(ctx context.Context, want request) (objects, error) {
	req := packp.NewUploadPackRequestFromCapabilities(r.adv.Capabilities)
	for _, hash := range want.wants {
		req.Wants = append(req.Wants, plumbing.NewHash(hash))
	}
	if want.depth > 0 && r.adv.Capabilities.Supports(capability.Shallow) {
		req.Depth = packp.DepthCommits(want.depth)
		_ = req.Capabilities.Set(capability.Shallow)
	}
	if want.filter != "" && r.adv.Capabilities.Supports(capability.Filter) {
		req.Filter = want.filter
		_ = req.Capabilities.Set(capability.Filter)
	}
	if r.adv.Capabilities.Supports(capability.NoProgress) {
		_ = req.Capabilities.Set(capability.NoProgress)
	}
	response, err := r.session.UploadPack(ctx, req)
	if errors.Is(err, transport.ErrEmptyUploadPackRequest) || err != nil && strings.Contains(err.Error(), notOurs) {
		return objects{}, errNoObjects
	}
	if err != nil {
		return objects{}, r.explain(ctx, r.url, nil, err)
	}
	defer response.Close()
	limits := r.origin.opts.Limits
	in := &metered{ctx: ctx, subject: want.subject, left: packLimit(limits.Bytes), r: demux(req, response)}
	store, err := r.newObjects(ctx)
	if err != nil {
		return objects{}, err
	}
	if err := store.keep(in, want.subject, limits); err != nil {
		store.remove()
		switch {
		case in.left < 0:
			return objects{}, limits.TooManyBytes(want.subject)
		case report.KindOf(err) == report.Policy:
			return objects{}, err
		case in.read == 0 && errors.Is(err, packfile.ErrEmptyPackfile):
			return objects{}, errNoObjects
		}
		// The pack may have been too large for the disk.
		return objects{}, r.explain(ctx, r.url, nil, cache.StorageError(store.Filesystem().Root(), "write", err))
	}
	return store, nil
}

// notOurs is what git's upload-pack answers when it does not have what it is asked for.
const notOurs = "not our ref"

var errNoObjects = errors.New("the host sent no objects")

// newObjects makes a store on disk: a repository may be larger than memory.
func (r *remote) newObjects(ctx context.Context) (objects, error) {
	dir, release, err := r.origin.opts.Cache.Scratch(ctx)
	if err != nil {
		return objects{}, err
	}
	store := filesystem.NewStorageWithOptions(osfs.New(dir), objcache.NewObjectLRUDefault(), filesystem.Options{KeepDescriptors: true, ExclusiveAccess: true})
	return objects{Storage: store, release: sync.OnceFunc(release)}, nil
}

func demux(req *packp.UploadPackRequest, r io.Reader) io.Reader {
	switch {
	case req.Capabilities.Supports(capability.Sideband64k):
		return sideband.NewDemuxer(sideband.Sideband64k, r)
	case req.Capabilities.Supports(capability.Sideband):
		return sideband.NewDemuxer(sideband.Sideband, r)
	}
	return r
}

// progressStep is how many bytes lie between two progress events.
const progressStep = 1 << 18

// metered counts what is read, reports it and stops at a limit.
type metered struct {
	ctx     context.Context
	subject string
	r       io.Reader
	read    int64
	told    int64
	left    int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.read += int64(n)
	m.left -= int64(n)
	if m.left < 0 {
		return n, errors.New("the pack is larger than allowed")
	}
	if m.read-m.told >= progressStep {
		m.told = m.read
		report.Emit(m.ctx, report.Event{Type: report.Progress, Step: "fetch", Subject: m.subject, Done: m.read})
	}
	return n, err
}
