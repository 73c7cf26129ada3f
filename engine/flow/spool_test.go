package flow

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// TestSpool: every recording that was ever read is there under its hash, and nothing else.
func TestSpool(t *testing.T) {
	spool := t.TempDir()
	o := Options{Spool: spool}.filled()
	first, second := pcm(8000, 800), pcm(8000, 1600)
	set := o.load(scan(fstest.MapFS{"100.lua": {Data: []byte(`call:play("x")`)}, "prompts/x.wav": {Data: first}}, nil, o))
	build(set, scan(fstest.MapFS{"100.lua": {Data: []byte(`call:play("x")`)}, "prompts/x.wav": {Data: second}}, nil, o), o)
	for _, want := range [][]byte{first, second} {
		sum := sha256.Sum256(want)
		got, err := os.ReadFile(filepath.Join(spool, hex.EncodeToString(sum[:6])+".wav"))
		if err != nil || string(got) != string(want) {
			t.Errorf("got %d bytes and %v, want %d", len(got), err, len(want))
		}
	}
	if entries, err := os.ReadDir(spool); err != nil || len(entries) != 2 {
		t.Errorf("the spool has %d files, %v; want 2", len(entries), err)
	}
}
