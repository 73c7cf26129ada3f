// Package archive looks after recordings once calls have made them: in a folder that ivrd itself can reach, and by
// deleting those that have expired. It makes no recordings and knows no calls; see package engine.
//
//	folder := archive.Folder{Dir: "/var/spool/asterisk/recording"}
//	expiry, err := archive.OpenExpiry("recordings.ledger", 30*24*time.Hour, []engine.Librarian{folder}, slog.Default())
//	e := &engine.Engine{Library: func(engine.Info) engine.Librarian { return folder }, Expire: expiry.Note}
package archive
