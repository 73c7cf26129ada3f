package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/ivrd/ivrd/engine"
)

// A Folder is Asterisk's folder for recordings as ivrd sees it: on the same machine or over a network. It need not be
// there all the time.
type Folder struct{ Dir string }

var _ engine.Librarian = Folder{}

// Place is the same for all folders: there is one.
func (f Folder) Place() string { return "folder" }

// Recordings lists, finds or deletes. Nothing outside of the folder can be reached, by links neither.
func (f Folder) Recordings(ctx context.Context, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	switch r.Do {
	case engine.RecordingsList:
		return list(ctx, root, r.Name)
	case engine.RecordingsFind:
		return find(root, r)
	case engine.RecordingsDelete:
		return remove(root, r)
	}
	return nil, fmt.Errorf("there is no %s", r.Do)
}

func list(ctx context.Context, root *os.Root, prefix string) ([]engine.StoredRecording, error) {
	var found []engine.StoredRecording
	dir := path.Dir(prefix + "x") // what else there is cannot begin so
	if !fs.ValidPath(dir) {
		return nil, nil
	}
	err := fs.WalkDir(root.FS(), dir, func(at string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, fs.ErrNotExist): // there is none yet, or somebody has just deleted it
			return nil
		case err != nil:
			return err
		case !e.Type().IsRegular() || !strings.HasPrefix(at, prefix):
			return nil
		}
		if info, err := e.Info(); err == nil {
			found = appendFile(found, at, info)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b engine.StoredRecording) int {
		return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(b.Name, a.Name))
	})
	return found, err
}

// appendFile adds a file, if it is a recording.
func appendFile(all []engine.StoredRecording, file string, info fs.FileInfo) []engine.StoredRecording {
	extension := path.Ext(file)
	name := strings.TrimSuffix(file, extension)
	for _, format := range engine.RecordingFormats {
		if "."+format.Extension == extension && engine.CheckRecordingName(name) == nil {
			return append(all, engine.StoredRecording{
				Name: name, Format: format.Name, Length: format.Length(info.Size()), Size: info.Size(), Made: info.ModTime(),
			})
		}
	}
	return all
}

func find(root *os.Root, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	var found []engine.StoredRecording
	for _, format := range engine.RecordingFormats {
		if r.Format != "" && r.Format != format.Name {
			continue
		}
		file := r.Name + "." + format.Extension
		info, err := root.Lstat(file)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case info.Mode().IsRegular():
			found = appendFile(found, file, info)
		}
	}
	return found, nil
}

func remove(root *os.Root, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	found, err := find(root, r)
	if err != nil {
		return nil, err
	}
	var gone []engine.StoredRecording
	for _, one := range found {
		err := root.Remove(one.Name + "." + extension(one.Format))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return gone, err
		}
		gone = append(gone, one)
	}
	return gone, nil
}

func extension(format string) string {
	for _, f := range engine.RecordingFormats {
		if f.Name == format {
			return f.Extension
		}
	}
	return format
}
