// Package uniqueids judges generators of identifiers: no id may be handed out
// twice. Ids are data of any kind; they need not be ordered or dense. An id whose
// request did not complete is unknown and counts for nothing.
package uniqueids
