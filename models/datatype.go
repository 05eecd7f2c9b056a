package models

// DataType is a data type that checkers know more of than its steps.
type DataType uint8

// The data types, each named after its model here. An object that is none of them
// is Untyped.
const (
	Untyped DataType = iota
	TypeRegister
	TypeMaxRegister
	TypeTestAndSet
	TypeSet
	TypeCounter
	TypeLog
	TypeQueue
	TypeFIFOQueue
	TypePriorityQueue
	TypeStack
	TypeMutex
	TypeOwnedMutex
	TypeReentrantMutex
	TypeSemaphore
	TypeFencedLock
	TypeUniqueIDs
)
