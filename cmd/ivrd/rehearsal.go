package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/ivrd/ivrd/engine"
	"github.com/ivrd/ivrd/engine/flow"
	"github.com/ivrd/ivrd/engine/say"
	"github.com/ivrd/ivrd/luaapi"
)

// A rehearsal is what calls find in transcripts, where there is no world to reach.
type rehearsal struct {
	limits    engine.Limits
	languages *say.Languages // nil are the built-in ones
	voice     voice
	databases engine.Unasked
	redis     engine.UnaskedRedis
	names     flow.Names
}

func (c config) rehearsal() (rehearsal, error) {
	databases, err := c.unasked()
	if err != nil {
		return rehearsal{}, cmp.Or(c.complete("databases"), fmt.Errorf("databases: %w", err))
	}
	servers, err := c.redisServers()
	if err != nil {
		return rehearsal{}, cmp.Or(c.complete("redis"), err)
	}
	unasked := engine.UnaskedRedis{CheckName: servers.Check}
	return rehearsal{c.Limits.engine(), c.languages(), c.rehearsed(), databases, unasked, c.names()}, nil
}

// engine runs the flows of a set in it.
func (r rehearsal) engine(set *flow.Set) *engine.Engine {
	languages := r.languages
	if languages == nil {
		languages = builtinLanguages()
	}
	return &engine.Engine{
		Flows: func() engine.Flows { return set }, Fallback: set.Fallback, Limits: r.limits, Say: languages.Say, Speak: r.voice,
		Databases: r.databases, Redis: r.redis, Secrets: r.secret, Systems: luaapi.Systems{Services: r.names.Services}, Log: slog.New(slog.DiscardHandler),
	}
}

// secret is a secret's own name.
func (r rehearsal) secret(name string) (string, error) {
	if known := r.names.Secrets; known != nil && !slices.Contains(known, name) {
		return "", noSecret(name, known)
	}
	return name, nil
}

// names are those that flows may use for what the configuration has.
func (c config) names() flow.Names {
	return flow.Names{Databases: sortedNames(c.Databases), Redis: sortedNames(c.Redis), Services: sortedNames(c.Services), Secrets: sortedNames(c.Secrets)}
}

// sortedNames are the keys of m; not nil, which would be any.
func sortedNames[K cmp.Ordered, V any](m map[K]V) []K {
	return append([]K{}, slices.Sorted(maps.Keys(m))...)
}
