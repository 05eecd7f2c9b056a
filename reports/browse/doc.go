// Package browse shows a store of runs over HTTP: which there are, what was
// found, and their reports.
//
// It promises to change nothing, to read nothing outside the store, wherever
// links in it point, and to treat every name and content in it as foreign: text is
// escaped, and what a run brings along cannot act in the name of the server.
//
// Reading order: plain.go opens files, store.go finds runs, signature.go says which
// found the same, handler.go answers requests.
package browse
