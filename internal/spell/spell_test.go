package spell

import "testing"

func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"anwser", "answer"}, {"hangp", "hangup"}, {"Play", "play"}, {"xyzzy", ""}, {"say", "say"}, {"", ""},
	} {
		if got := Nearest(c.name, []string{"answer", "play", "hangup", "say"}); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNearestIgnoresTheOrderOfNames(t *testing.T) {
	if a, b := Nearest("cat", []string{"bat", "hat"}), Nearest("cat", []string{"hat", "bat"}); a != b {
		t.Errorf("got %q and %q", a, b)
	}
}
