package engine

import (
	"context"
	"sync"
	"time"
)

// A Memory is a KV that lasts as long as the process, for transcripts.
type Memory struct {
	mu     sync.Mutex
	values map[memoryKey]memoryValue
}

type memoryKey struct{ scope, key string }

type memoryValue struct {
	value   string
	expires time.Time
}

var _ KV = (*Memory)(nil)

// Remote says that a call may have to wait for it: in transcripts it stands for what calls have, which may be so.
func (m *Memory) Remote() {}

// NewMemory is an empty one.
func NewMemory() *Memory { return &Memory{values: map[memoryKey]memoryValue{}} }

// Read is that of KV.
func (m *Memory) Read(_ context.Context, scope, key string) (string, time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.values[memoryKey{scope, key}]
	return v.value, v.expires, nil
}

// Change is that of KV.
func (m *Memory) Change(_ context.Context, scope, key string, change func(string, time.Time) (string, time.Time, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := memoryKey{scope, key}
	value, expires, err := change(m.values[at].value, m.values[at].expires)
	switch {
	case err != nil:
		return err
	case value == "":
		delete(m.values, at)
	default:
		m.values[at] = memoryValue{value, expires}
	}
	return nil
}
