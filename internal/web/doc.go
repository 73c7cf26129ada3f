// Package web sends HTTP requests for flows: to the destinations that are allowed, within bounds of time and
// size, again where that is safe, and not at all to a host that is down.
//
// It knows nothing of calls. One Client serves all of them and is safe for concurrent use.
//
//	c, err := web.New(web.Config{Allow: []string{"core.example"}})
//	res, err := c.Do(ctx, &web.Request{Method: "GET", URL: "https://core.example/accounts/5551234"})
package web
