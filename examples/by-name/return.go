// Starts a return by the workflow's name, and waits for the policy's decision; needs go.temporal.io/sdk alone.
//
// Usage: go run return.go request.json, with TEMPORAL_ADDRESS where it is not the local one.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// Summary is what each update answers.
type Summary struct {
	ReturnID string   `json:"return_id"`
	Status   string   `json:"status"`
	Amount   int64    `json:"amount"` // in the minor unit of the currency
	Currency string   `json:"currency"`
	Ignored  []string `json:"ignored"` // fields that nobody knows
}

// start starts it, or finds it started; the answer is the policy's decision.
func start(ctx context.Context, c client.Client, returnID string, request json.RawMessage) (Summary, error) {
	var summary Summary
	operation := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID:                       "return-" + returnID,
		TaskQueue:                "returns",
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, "ReturnWorkflow", request)
	// Under an id of its own for each request: a repeat is answered, another request under the same id is refused.
	handle, err := c.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: operation,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID:     fmt.Sprintf("decision:%x", sha256.Sum256(request)),
			UpdateName:   "decision",
			Args:         []interface{}{request},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err != nil {
		return summary, err
	}
	return summary, handle.Get(ctx, &summary)
}

func main() {
	c, err := client.Dial(client.Options{HostPort: os.Getenv("TEMPORAL_ADDRESS")})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	request, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var named struct {
		ReturnID string `json:"return_id"`
	}
	if err := json.Unmarshal(request, &named); err != nil {
		log.Fatal(err)
	}
	summary, err := start(context.Background(), c, named.ReturnID, request)
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		log.Fatalf("%s: %s", failure.Type(), failure.Message()) // InvalidRequest names the field, Refused says why not now
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s, %d %s\n", summary.ReturnID, summary.Status, summary.Amount, summary.Currency)
}
