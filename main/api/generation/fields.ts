/** Fields that all dialects bound alike. */
import { z } from 'zod';

/** A text of a request: room for a context of some two million tokens. */
export const textSchema = z.string().max(8_000_000);

/**
 * OpenAI takes 64 characters, Anthropic 128, and the local servers any number. Agents name the tools of MCP servers by the plugin, the server
 * and the tool, which is often more than 64: https://github.com/anthropics/claude-code/issues/23149.
 */
export const MOST_NAME_CHARS = 128;
export const toolNameSchema = z
  .string()
  .min(1)
  .max(MOST_NAME_CHARS)
  .regex(/^[\w.-]+$/, 'expected letters, digits, _ . and -');
