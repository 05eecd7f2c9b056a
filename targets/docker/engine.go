package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/moby/moby/client"
)

// connectWithin is how long an engine may take to answer.
const connectWithin = 10 * time.Second

// Engine is a connection to a Docker engine: that of DOCKER_HOST, or the local one.
type Engine struct {
	api     *client.Client
	Version string // of the engine
	API     string // the version of its interface
}

// Connect returns a connection to the engine, which has answered.
func Connect(ctx context.Context) (*Engine, error) {
	api, err := client.New(client.FromEnv)
	if err != nil {
		return nil, fmt.Errorf("no connection to a Docker engine: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	v, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		api.Close()
		return nil, fmt.Errorf("no Docker engine answers at %s: %w; start one, or set DOCKER_HOST", api.DaemonHost(), err)
	}
	return &Engine{api: api, Version: v.Version, API: v.APIVersion}, nil
}

// Close ends the connection.
func (e *Engine) Close() error { return e.api.Close() }
