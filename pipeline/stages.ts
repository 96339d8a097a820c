/**
 * The contract of the stages: what each reads, writes and is told.
 *
 * The definition builder turns it into Processing steps, the stage scripts find their folders and settings by it, and the Pulumi
 * components bundle one script a stage. Nothing here knows of AWS, of Pulumi or of a file system.
 */

/** Where SageMaker mounts a processing job's inputs and outputs. */
export const processingRoot = "/opt/ml/processing";
