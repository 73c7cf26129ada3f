package flow

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A notifier watches folders, never files: a watch on a file dies with the first rename over it.
type notifier struct {
	root    string
	also    []string          // endings of further files that are read
	watcher *fsnotify.Watcher // nil if there are no notifications
	watched map[string]fs.FileInfo
	err     error // why not all can be watched
}

func newNotifier(root string, off bool, also ...string) *notifier {
	n := &notifier{root: root, also: also, watched: map[string]fs.FileInfo{}}
	if !off {
		n.watcher, n.err = fsnotify.NewWatcher()
	}
	return n
}

func (n *notifier) events() <-chan fsnotify.Event {
	if n.watcher == nil {
		return nil
	}
	return n.watcher.Events
}

func (n *notifier) errors() <-chan error {
	if n.watcher == nil {
		return nil
	}
	return n.watcher.Errors
}

func (n *notifier) close() {
	if n.watcher != nil {
		n.watcher.Close()
	}
}

// follow watches the folders of a snapshot, and the one above so that the root itself can come and go.
// It reports whether one is watched that was not before.
func (n *notifier) follow(dirs map[string]fs.FileInfo) bool {
	if n.watcher == nil {
		return false
	}
	wanted := make(map[string]fs.FileInfo, len(dirs)+1)
	for at, info := range dirs {
		wanted[filepath.Join(n.root, filepath.FromSlash(at))] = info
	}
	if above, info := nearestFolder(filepath.Dir(n.root)); info != nil {
		wanted[above] = info
	}
	for at := range n.watched {
		if wanted[at] == nil {
			n.forget(at)
		}
	}
	n.err = nil
	added := false
	for at, info := range wanted {
		added = n.watch(at, info) || added
	}
	return added
}

func nearestFolder(at string) (string, fs.FileInfo) {
	for {
		if info, err := os.Stat(at); err == nil && info.IsDir() {
			return at, info
		}
		above := filepath.Dir(at)
		if above == at {
			return "", nil
		}
		at = above
	}
}

// watch watches one folder, unless it is watched already. A folder of the same name may be another one.
func (n *notifier) watch(at string, info fs.FileInfo) bool {
	if old := n.watched[at]; old != nil {
		if os.SameFile(old, info) {
			return false
		}
		n.forget(at)
	}
	err := n.watcher.Add(at)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			n.err = err
		}
		return false
	}
	n.watched[at] = info
	return true
}

func (n *notifier) forget(at string) {
	_ = n.watcher.Remove(at) // an error says that the folder is gone, and the watch with it
	delete(n.watched, at)
}

// problem tells that changes are noticed late.
func (n *notifier) problem(poll time.Duration) *Problem {
	if n.err == nil {
		return nil
	}
	p := &Problem{
		Text:    fmt.Sprintf("changes may take %s to be noticed, since not every folder can be watched: %v", poll, n.err),
		Warning: true,
	}
	if errors.Is(n.err, syscall.ENOSPC) || errors.Is(n.err, syscall.EMFILE) {
		p.Hint = "raise fs.inotify.max_user_watches and max_user_instances (sysctl)"
	}
	return p
}

// concerns reports whether e can mean a change of ours.
func (n *notifier) concerns(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod {
		return false
	}
	below, ok := strings.CutPrefix(e.Name, n.root+string(filepath.Separator))
	if !ok { // the root, or a folder it is in
		return e.Name == n.root || strings.HasPrefix(n.root, e.Name+string(filepath.Separator))
	}
	name := filepath.Base(below)
	switch {
	case name == "..data": // what Kubernetes swaps
		return true
	case skipped(name):
		return false
	}
	// Only files are written to; everything else can be a folder.
	return !e.Op.Has(fsnotify.Write) || reads(filepath.ToSlash(below), n.also)
}

// pending reports whether something was noticed that nobody has looked at.
func (n *notifier) pending() bool {
	for {
		select {
		case e := <-n.events():
			if n.concerns(e) {
				n.drain()
				return true
			}
		case <-n.errors():
			return true
		default:
			return false
		}
	}
}

// drain forgets what was noticed up to now.
func (n *notifier) drain() {
	for {
		select {
		case <-n.events():
		default:
			return
		}
	}
}
