/** Schemas of functions and replies, as chat APIs with strict functions want them. */
import type { SchemaCase } from './held-schemas.ts';

export const functionSchemas: readonly SchemaCase[] = [
  {
    name: 'weather',
    schema: {
      type: 'object',
      properties: {
        location: { type: 'string', description: 'City and country, such as Oslo, Norway' },
        unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      },
      required: ['location'],
    },
  },
  {
    name: 'strict extraction',
    schema: {
      type: 'object',
      properties: {
        steps: {
          type: 'array',
          items: {
            type: 'object',
            properties: { explanation: { type: 'string' }, output: { type: 'string' } },
            required: ['explanation', 'output'],
            additionalProperties: false,
          },
        },
        final_answer: { type: 'string' },
      },
      required: ['steps', 'final_answer'],
      additionalProperties: false,
    },
  },
  {
    name: 'strict user interface',
    schema: {
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['div', 'button', 'header', 'section', 'field', 'form'] },
        label: { type: 'string' },
        children: { type: 'array', items: { $ref: '#' } },
        attributes: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string' }, value: { type: 'string' } },
            required: ['name', 'value'],
            additionalProperties: false,
          },
        },
      },
      required: ['type', 'label', 'children', 'attributes'],
      additionalProperties: false,
    },
  },
  {
    name: 'strict linked list',
    schema: {
      type: 'object',
      properties: { linked_list: { $ref: '#/$defs/linked_list_node' } },
      $defs: {
        linked_list_node: {
          type: 'object',
          properties: {
            value: { type: 'number' },
            next: { anyOf: [{ $ref: '#/$defs/linked_list_node' }, { type: 'null' }] },
          },
          additionalProperties: false,
          required: ['next', 'value'],
        },
      },
      additionalProperties: false,
      required: ['linked_list'],
    },
  },
  {
    name: 'query of a database',
    schema: {
      type: 'object',
      properties: {
        table_name: { type: 'string', enum: ['orders', 'customers'] },
        columns: { type: 'array', items: { type: 'string', enum: ['id', 'status', 'ordered_at'] } },
        conditions: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              column: { type: 'string' },
              operator: { type: 'string', enum: ['=', '>', '<', '>=', '<=', '!='] },
              value: {
                anyOf: [
                  { type: 'string' },
                  { type: 'number' },
                  {
                    type: 'object',
                    properties: { column_name: { type: 'string' } },
                    required: ['column_name'],
                    additionalProperties: false,
                  },
                ],
              },
            },
            required: ['column', 'operator', 'value'],
            additionalProperties: false,
          },
        },
        limit: { type: ['integer', 'null'], minimum: 1, maximum: 1000 },
      },
      required: ['table_name', 'columns', 'conditions', 'limit'],
      additionalProperties: false,
    },
  },
  { name: 'no parameters', schema: { type: 'object', properties: {} } },
  {
    name: 'send mail',
    schema: {
      type: 'object',
      properties: {
        to: { type: 'array', items: { type: 'string', format: 'email' }, minItems: 1, maxItems: 10 },
        subject: { type: 'string', maxLength: 120 },
        body: { type: 'string' },
        when: { type: 'string', format: 'date-time' },
      },
      required: ['to', 'subject', 'body'],
    },
    leavesOut: 'leap seconds, lower case and a space in times',
  },
];
