package redis

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
)

// A command over a pool of ours, beside one of the library's.
func BenchmarkCall(b *testing.B) {
	server := started(b)
	b.Run("ours", func(b *testing.B) {
		s := opened(b, Config{Name: "x", URL: server.URL})
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Call(b.Context(), "x", []string{"HGET", "customer:7", "name"}, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		o, err := redis.ParseURL(server.URL)
		if err != nil {
			b.Fatal(err)
		}
		plain := redis.NewClient(o)
		defer plain.Close()
		b.ReportAllocs()
		for b.Loop() {
			if err := plain.Do(context.Background(), "HGET", "customer:7", "name").Err(); err != nil && err != redis.Nil {
				b.Fatal(err)
			}
		}
	})
}
