package agi

import (
	"context"
	"errors"
	"path"
	"strconv"
	"time"

	"github.com/ivrd/ivrd/engine"
)

var _ engine.Librarian = (*channel)(nil)

// Place is the same for all: over FastAGI no folder can be told from another.
func (c *channel) Place() string { return "agi" }

// Recordings finds a recording, in whatever format there is. It works after a hangup too, of which it says nothing.
func (c *channel) Recordings(ctx context.Context, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	if r.Do != engine.RecordingsFind {
		return nil, errors.New(noLibrary)
	}
	defer c.end()
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	return c.findRecording(ctx, r)
}

func (c *channel) findRecording(ctx context.Context, r engine.RecordingsRequest) ([]engine.StoredRecording, error) {
	file, err := c.recordingFile(ctx, r.Name)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, f := range engine.RecordingFormats {
		of := file + "." + f.Extension + ")"
		asked = append(asked, "STAT(s,"+of, "STAT(M,"+of)
	}
	v, err := c.values(ctx, asked...)
	if err != nil {
		return nil, err
	}
	var found []engine.StoredRecording
	for i, f := range engine.RecordingFormats {
		size, _ := strconv.ParseInt(v[2*i], 10, 64)
		made, _ := strconv.ParseInt(v[2*i+1], 10, 64) // 0 if there is no such file (func_env.c, stat_read)
		if made > 0 && (r.Format == "" || r.Format == f.Name) {
			found = append(found, engine.StoredRecording{
				Name: r.Name, Format: f.Name, Size: size, Length: f.Length(size), Made: time.Unix(made, 0),
			})
		}
	}
	return found, nil
}

// recordingFile is the file of a recording, without extension: in the folder that ARI has them in too.
func (c *channel) recordingFile(ctx context.Context, name string) (string, error) {
	if err := engine.CheckRecordingName(name); err != nil {
		return "", err
	}
	if c.library == "" {
		spool, err := c.expand(ctx, "${AST_CONFIG(asterisk.conf,directories,astspooldir)}")
		if err != nil {
			return "", err
		}
		folder := orText(spool, "/var/spool/asterisk") + "/recording"
		if err := checkPlain("Asterisk's folder for recordings", folder); err != nil {
			return "", err
		}
		c.library = folder
	}
	return c.library + "/" + name, nil
}

// makeFolder makes the folder of a file, which RECORD FILE does not. The application Record makes it before it
// looks at the format (app_record.c), and of one that does not exist it makes no file.
func (c *channel) makeFolder(ctx context.Context, file string) error {
	folder := path.Dir(file)
	if c.folder == folder {
		return nil
	}
	there, err := c.expand(ctx, "${STAT(d,"+folder+")}")
	if err == nil && there != "1" {
		_, err = c.exec(ctx, "Record", folder+"/folder.none,,1,qn")
	}
	if err == nil {
		c.folder = folder
	}
	return err
}

// soundFile is what STREAM FILE and applications take for a recording or another sound. A recording of this call's
// needs no more than its name.
func (c *channel) soundFile(ctx context.Context, p *engine.Prompt) (string, error) {
	if p.Kind == engine.RecordingPrompt || p.Sound.Media == "" && c.recorded[p.Text] {
		return c.recordingFile(ctx, p.Text)
	}
	return orText(p.Sound.Media, p.Text), nil
}

// noteRecording has a recording of this call's found by its name.
func (c *channel) noteRecording(name string) {
	if c.recorded == nil {
		c.recorded = map[string]bool{}
	}
	c.recorded[name] = true
}
