//go:build !unix

package database

func makeForOwner(string) error { return nil }
