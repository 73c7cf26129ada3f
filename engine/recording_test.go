package engine

import (
	"reflect"
	"testing"
	"time"
)

func TestRecordingNames(t *testing.T) {
	for _, name := range []string{"greeting", "calls/2026/1700000000.12", "a..b", "été"} {
		if err := CheckRecordingName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "/tmp/x", "../x", "a/../../x", "a/..", "a//b", "a/", ".hidden", "a/.b", "a b", "a&b", "a,b", "${X}", "a\nb", `a\b`, "a:b"} {
		if CheckRecordingName(name) == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

// What is known of recordings is read back from a journal as it was.
func TestStoredRecordingText(t *testing.T) {
	all := []StoredRecording{
		{Name: "calls/1.2", Format: "wav", Length: 4200 * time.Millisecond, Size: 67244, Made: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)},
		{Name: "x", Format: "wav49"},
		{Name: "y", Length: time.Minute},
		{Name: "z"},
	}
	got, err := parseStored(storedText(all))
	if err != nil || !reflect.DeepEqual(got, all) {
		t.Errorf("read back as %v, %v", got, err)
	}
	if got, err := parseStored(""); err != nil || len(got) != 0 {
		t.Errorf("nothing is %v, %v", got, err)
	}
	if _, err := parseStored("../x"); err == nil {
		t.Error("a name that leads away is taken")
	}
}
