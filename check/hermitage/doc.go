// Package hermitage judges interleavings that were played on a database, statement
// by statement, after Martin Kleppmann's Hermitage: each is one known anomaly in the
// form of two or three sessions that do things in turn.
//
// An op is play {:interleaving "P4" :script ["1 SELECT …" …]}, a line for each
// statement with the session before it. Its completion has what came of each line:
// {:line "1 SELECT …" :read [10]}, with :failed and the error, with :waited true when
// the other sessions went on meanwhile, or with :omitted true behind a failure of its
// session; and :final, the values in the end.
//
// An anomaly is told by what was read and committed alone, never by when: a session
// that was slow for another reason than a lock plays a different interleaving, and
// shows no anomaly by it.
//
// Reading order: interleavings.go, outcome.go, hermitage.go.
package hermitage
