package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A Librarian looks after the recordings that lie in Asterisk's folder for recordings, whichever call made them.
type Librarian interface {
	// Recordings does what r says and returns the recordings that it is about.
	Recordings(ctx context.Context, r RecordingsRequest) ([]StoredRecording, error)
	// Place tells the folder apart from those of other Asterisks. It stays the same for as long as the
	// configuration does.
	Place() string
}

// A RecordingsRequest says what to do with which recordings.
type RecordingsRequest struct {
	Do     RecordingsAction
	Name   string
	Format string // to find or delete: the one in this format only; "" is whatever there is
}

// RecordingsAction is what to do.
type RecordingsAction string

const (
	RecordingsList   RecordingsAction = "list"   // those whose names begin with Name, newest first where the times are known
	RecordingsFind   RecordingsAction = "find"   // that one; none if it is not there
	RecordingsDelete RecordingsAction = "delete" // that one; none if it was not there
)

// A StoredRecording is one that lies in the folder. What is zero besides the name is not known.
type StoredRecording struct {
	Name   string
	Format string // Asterisk's name of it
	Length time.Duration
	Size   int64 // bytes
	Made   time.Time
}

// String is r as a journal has it, and a transcript: "greeting wav 4.2s 67244b 2026-11-28T10:00:00Z".
func (r StoredRecording) String() string {
	words := []string{r.Name}
	if r.Format != "" {
		words = append(words, r.Format)
	}
	if r.Length > 0 {
		words = append(words, Seconds(r.Length))
	}
	if r.Size > 0 {
		words = append(words, strconv.FormatInt(r.Size, 10)+"b")
	}
	if !r.Made.IsZero() {
		words = append(words, r.Made.UTC().Format(time.RFC3339))
	}
	return strings.Join(words, " ")
}

// parseStored reads what String wrote, one recording a line. Of what stands behind the name anything may be missing.
func parseStored(text string) ([]StoredRecording, error) {
	var all []StoredRecording
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		r := StoredRecording{Name: words[0]}
		for _, word := range words[1:] {
			r.read(word)
		}
		if err := CheckRecordingName(r.Name); err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (r *StoredRecording) read(word string) {
	if made, err := time.Parse(time.RFC3339, word); err == nil {
		r.Made = made
	} else if length, err := time.ParseDuration(word); err == nil {
		r.Length = length
	} else if size, err := strconv.ParseInt(strings.TrimSuffix(word, "b"), 10, 64); err == nil {
		r.Size = size
	} else {
		r.Format = word
	}
}

// A RecordingFormat is one that Asterisk records in.
type RecordingFormat struct {
	Name      string // Asterisk's
	Extension string // of its files, without the dot
	header    int64  // bytes before the sound
	perSecond int64  // bytes; 0 if that varies
}

// RecordingFormats are those that recordings are looked for in (formats/format_*.c).
var RecordingFormats = [...]RecordingFormat{
	{"wav", "wav", 44, 16000}, {"wav16", "wav16", 44, 32000}, {"wav49", "WAV", 60, 1625}, {"gsm", "gsm", 0, 1650},
	{"ulaw", "ulaw", 0, 8000}, {"alaw", "alaw", 0, 8000}, {"g722", "g722", 0, 8000}, {"sln", "sln", 0, 16000},
	{"sln16", "sln16", 0, 32000}, {"g729", "g729", 0, 1000}, {"ogg", "ogg", 0, 0},
}

// Length is how long a recording of size bytes is; 0 if the format does not tell.
func (f RecordingFormat) Length(size int64) time.Duration {
	if f.perSecond == 0 || size <= f.header {
		return 0
	}
	return (time.Duration(size-f.header) * time.Second / time.Duration(f.perSecond)).Round(time.Millisecond)
}

// CheckRecordingName refuses what cannot be the name of a recording: it is one below Asterisk's folder for
// recordings, without extension. It may have folders in it and cannot lead out of them.
func CheckRecordingName(name string) error {
	switch i := strings.IndexFunc(name, notInName); {
	case name == "":
		return errors.New("a recording's name is empty")
	case len(name) > 200:
		return fmt.Errorf("a recording's name has %d bytes; 200 is the most", len(name))
	case name[0] == '/':
		return fmt.Errorf("recording %q: it cannot begin with /; names are below Asterisk's folder for recordings", name)
	case i >= 0:
		r, _ := utf8.DecodeRuneInString(name[i:])
		return fmt.Errorf("recording %q: %q cannot be part of a name; use letters, digits and - _ . /", name, r)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' {
			return fmt.Errorf("recording %q: no part of a name can be empty or begin with a dot", name)
		}
	}
	return nil
}

// NewRecording is the prompt that plays a recording back.
func NewRecording(name string) (Prompt, error) {
	return Prompt{Kind: RecordingPrompt, Text: name}, CheckRecordingName(name)
}

// Recordings lists, finds or deletes recordings, of this call or others. It works when the call is over, too.
func (c *Call) Recordings(r RecordingsRequest) ([]StoredRecording, error) {
	if r.Do != RecordingsList {
		if err := CheckRecordingName(r.Name); err != nil {
			return nil, err
		}
	}
	if c.library == nil {
		if err := c.lacks(Detail("recordings " + string(r.Do))); err != nil {
			return nil, err
		}
	}
	text, err := c.Do(StepRecordings, strings.TrimSpace(string(r.Do)+" "+r.Name), func(ctx context.Context) (string, error) {
		l, err := c.librarian()
		if err != nil {
			return "", err
		}
		found, err := l.Recordings(ctx, r)
		if r.Do == RecordingsDelete && err == nil {
			for _, one := range found {
				c.expires(one.Name, one.Format, true)
			}
		}
		return storedText(found), err
	})
	var cannot *CapabilityError
	if err != nil && c.ctx.Err() == nil && !errors.As(err, &cannot) {
		err = &LibraryError{err}
	}
	if err != nil {
		return nil, err
	}
	return parseStored(text)
}

func storedText(all []StoredRecording) string {
	lines := make([]string, len(all))
	for i, one := range all {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// RecordingSizes is that more is known of recordings than their names.
const RecordingSizes Detail = "recordings list newest first"

// written reports a recording that took its time and is empty: Asterisk says nothing of a disk that is full. It shows where
// sizes of recordings are known.
func (c *Call) written(ctx context.Context, r RecordRequest, rec Recording) error {
	const telling = 500 * time.Millisecond // shorter ones may be empty
	l, err := c.librarian()
	if err != nil || rec.Duration < telling || c.library == nil && c.lacks(RecordingSizes) != nil {
		return nil
	}
	found, err := l.Recordings(ctx, RecordingsRequest{Do: RecordingsFind, Name: r.Name, Format: r.Format})
	if err != nil || len(found) == 0 {
		return nil
	}
	if is := found[0]; is.Made.IsZero() || is.Length > 0 || is.Size > emptyRecording { // the first tells that nothing is known
		return nil
	}
	return fmt.Errorf("record %s: the file is empty; is the disk of Asterisk's recordings full?", r.Name)
}

// emptyRecording is the size of a file without sound: the longest header there is, and a little more.
const emptyRecording = 100

// librarian looks after the recordings of this call.
func (c *Call) librarian() (Librarian, error) {
	if c.library != nil {
		return c.library, nil
	}
	return channelCan[Librarian](c, StepRecordings)
}

// expires tells that a recording begins which is not to be kept for ever, or that one is none of these.
func (c *Call) expires(name, format string, keep bool) {
	if c.expire == nil {
		return
	}
	if l, err := c.librarian(); err == nil {
		if format == "" {
			format = RecordingFormats[0].Name
		}
		c.expire(l, StoredRecording{Name: name, Format: format}, keep)
	}
}
