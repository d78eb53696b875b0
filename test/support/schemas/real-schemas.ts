/** Schemas as programs send them: functions of chat APIs, validators' output, tools of servers, parts of API descriptions. */
import { functionSchemas } from './function-schemas.ts';
import type { SchemaCase } from './held-schemas.ts';

const optional = (schema: {
  readonly [key: string]: string;
}): { readonly anyOf: readonly { readonly [key: string]: string }[] } => ({
  anyOf: [schema, { type: 'null' }],
});

/** As Python's models describe themselves. */
const models: readonly SchemaCase[] = [
  {
    name: 'model with references and defaults',
    schema: {
      $defs: {
        Color: { enum: ['red', 'green', 'blue'], title: 'Color', type: 'string' },
        Item: {
          properties: {
            name: { maxLength: 50, minLength: 1, title: 'Name', type: 'string' },
            price: { exclusiveMinimum: 0, title: 'Price', type: 'number' },
            tags: { default: [], items: { type: 'string' }, title: 'Tags', type: 'array' },
            color: { $ref: '#/$defs/Color', default: 'red' },
          },
          required: ['name', 'price'],
          title: 'Item',
          type: 'object',
        },
      },
      properties: {
        id: { format: 'uuid', title: 'Id', type: 'string' },
        created: { format: 'date', title: 'Created', type: 'string' },
        items: { items: { $ref: '#/$defs/Item' }, minItems: 1, title: 'Items', type: 'array' },
        note: { ...optional({ type: 'string' }), default: null, title: 'Note' },
      },
      required: ['id', 'created', 'items'],
      title: 'Order',
      type: 'object',
    },
    leavesOut: 'the prefix urn:uuid:',
  },
  {
    name: 'tagged union with a discriminator',
    schema: {
      $defs: {
        Cat: {
          properties: { pet_type: { const: 'cat', title: 'Pet Type', type: 'string' }, age: { type: 'integer' } },
          required: ['pet_type', 'age'],
          title: 'Cat',
          type: 'object',
        },
        Dog: {
          properties: { pet_type: { const: 'dog', title: 'Pet Type', type: 'string' }, age: { type: 'integer' } },
          required: ['pet_type', 'age'],
          title: 'Dog',
          type: 'object',
        },
        Lizard: {
          properties: { pet_type: { enum: ['reptile', 'lizard'], type: 'string' } },
          required: ['pet_type'],
          title: 'Lizard',
          type: 'object',
        },
      },
      properties: {
        pet: {
          discriminator: {
            mapping: { cat: '#/$defs/Cat', dog: '#/$defs/Dog', lizard: '#/$defs/Lizard', reptile: '#/$defs/Lizard' },
            propertyName: 'pet_type',
          },
          oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }, { $ref: '#/$defs/Lizard' }],
        },
      },
      required: ['pet'],
      type: 'object',
    },
  },
  {
    name: 'tagged union with defaults',
    schema: {
      $defs: {
        A: {
          properties: { kind: { const: 'a', default: 'a', type: 'string' }, x: { type: 'integer' } },
          required: ['x'],
          type: 'object',
        },
        B: {
          properties: { kind: { const: 'b', default: 'b', type: 'string' }, y: { type: 'string' } },
          required: ['y'],
          type: 'object',
        },
      },
      oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }],
    },
    leavesOut: 'objects without their kind',
  },
  {
    name: 'tuple, set and mapping',
    schema: {
      properties: {
        point: { maxItems: 2, minItems: 2, prefixItems: [{ type: 'number' }, { type: 'number' }], type: 'array' },
        roles: { items: { enum: ['admin', 'user', 'guest'], type: 'string' }, type: 'array', uniqueItems: true },
        scores: { additionalProperties: { type: 'integer', minimum: 0 }, type: 'object' },
        ratio: { type: 'number', minimum: 0, maximum: 1 },
        decimal: { anyOf: [{ type: 'number' }, { type: 'string', pattern: '^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$' }] },
        delta: { type: 'string', format: 'duration' },
        address: {
          anyOf: [
            { type: 'string', format: 'ipv4' },
            { type: 'string', format: 'ipv6' },
          ],
        },
      },
      required: ['point', 'roles', 'scores'],
      type: 'object',
    },
  },
  {
    name: 'model that forbids others, with itself inside',
    schema: {
      $defs: {
        Node: {
          additionalProperties: false,
          properties: {
            value: { type: 'integer' },
            left: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }], default: null },
            right: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }], default: null },
          },
          required: ['value'],
          type: 'object',
        },
      },
      $ref: '#/$defs/Node',
    },
  },
  {
    name: 'model of a base',
    schema: {
      $defs: { Base: { type: 'object', properties: { id: { type: 'integer', minimum: 1 } }, required: ['id'] } },
      allOf: [{ $ref: '#/$defs/Base' }],
      type: 'object',
      properties: { name: { type: 'string', minLength: 1 } },
      required: ['name'],
    },
  },
];

/** As validators of JavaScript print themselves. */
const validators: readonly SchemaCase[] = [
  {
    name: 'validator of draft 2020-12',
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        username: { type: 'string', minLength: 3, maxLength: 20, pattern: '^[a-zA-Z0-9_]+$' },
        age: { type: 'integer', minimum: 0, maximum: 9007199254740991 },
        site: { type: 'string', format: 'uri' },
        kind: {
          anyOf: [
            { type: 'string', const: 'a' },
            { type: 'string', const: 'b' },
          ],
        },
        when: {
          type: 'string',
          format: 'date-time',
          pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?Z$',
        },
        pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] },
        map: { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'boolean' } },
        email: {
          type: 'string',
          format: 'email',
          pattern:
            "^(?!\\.)(?!.*\\.\\.)([A-Za-z0-9_'+\\-\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
        },
      },
      required: ['username', 'age', 'kind'],
      additionalProperties: false,
    },
    leavesOut: 'leap seconds and more than nine digits',
  },
  {
    name: 'validator of draft 7',
    draft7: true,
    schema: {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $ref: '#/definitions/Event',
      definitions: {
        Event: {
          type: 'object',
          properties: {
            id: { type: 'string', format: 'uuid' },
            payload: { type: ['string', 'number', 'null'] },
            parent: { $ref: '#/definitions/Event' },
            range: { type: 'array', minItems: 2, maxItems: 2, items: [{ type: 'number' }, { type: 'number' }] },
            status: { type: 'string', enum: ['open', 'closed'], default: 'open' },
          },
          required: ['id'],
          additionalProperties: false,
        },
      },
    },
    leavesOut: 'the prefix urn:uuid:',
  },
  {
    name: 'intersection and union',
    schema: {
      allOf: [
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        {
          anyOf: [
            {
              type: 'object',
              properties: { t: { type: 'string', const: 'n' }, n: { type: 'number' } },
              required: ['t', 'n'],
            },
            {
              type: 'object',
              properties: { t: { type: 'string', const: 's' }, s: { type: 'string' } },
              required: ['t', 's'],
            },
          ],
        },
      ],
    },
  },
];

/** Tools of servers, and parts of API descriptions. */
const services: readonly SchemaCase[] = [
  {
    name: 'tool that edits a file',
    schema: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        edits: {
          type: 'array',
          items: {
            type: 'object',
            properties: { oldText: { type: 'string', description: 'Text to search for' }, newText: { type: 'string' } },
            required: ['oldText', 'newText'],
            additionalProperties: false,
          },
        },
        dryRun: { type: 'boolean', default: false },
      },
      required: ['path', 'edits'],
      additionalProperties: false,
      $schema: 'http://json-schema.org/draft-07/schema#',
    },
    draft7: true,
  },
  {
    name: 'tool that fetches',
    schema: {
      title: 'Fetch',
      type: 'object',
      properties: {
        url: { description: 'URL to fetch', format: 'uri', minLength: 1, title: 'Url', type: 'string' },
        max_length: {
          default: 5000,
          exclusiveMaximum: 1000000,
          exclusiveMinimum: 0,
          title: 'Max Length',
          type: 'integer',
        },
        start_index: { default: 0, minimum: 0, title: 'Start Index', type: 'integer' },
        raw: { default: false, title: 'Raw', type: 'boolean' },
      },
      required: ['url'],
    },
  },
  {
    name: 'tool with a graph',
    schema: {
      type: 'object',
      properties: {
        entities: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { type: 'string' },
              entityType: { type: 'string' },
              observations: { type: 'array', items: { type: 'string' } },
            },
            required: ['name', 'entityType', 'observations'],
          },
        },
      },
      required: ['entities'],
    },
  },
  {
    name: 'tool that lists issues',
    schema: {
      type: 'object',
      properties: {
        owner: { type: 'string' },
        repo: { type: 'string' },
        state: { enum: ['OPEN', 'CLOSED'], type: 'string' },
        labels: { items: { type: 'string' }, type: 'array' },
        perPage: { maximum: 100, minimum: 1, type: 'number' },
        since: { type: 'string' },
      },
      required: ['owner', 'repo'],
    },
  },
  {
    name: 'part of an API description',
    schema: {
      $ref: '#/components/schemas/Pet',
      components: {
        schemas: {
          Category: {
            type: 'object',
            properties: { id: { type: 'integer', format: 'int64' }, name: { type: 'string' } },
          },
          Pet: {
            required: ['name', 'photoUrls'],
            type: 'object',
            properties: {
              id: { type: 'integer', format: 'int64', example: 10 },
              name: { type: 'string', example: 'doggie' },
              category: { $ref: '#/components/schemas/Category' },
              photoUrls: { type: 'array', xml: { wrapped: true }, items: { type: 'string' } },
              status: { type: 'string', description: 'pet status', enum: ['available', 'pending', 'sold'] },
              nickname: { type: 'string', nullable: true },
            },
          },
        },
      },
    },
  },
  {
    name: 'problem of an API',
    schema: {
      type: 'object',
      properties: {
        type: { type: 'string', format: 'uri-reference' },
        title: { type: 'string' },
        status: { type: 'integer', minimum: 100, maximum: 599, format: 'int32' },
        detail: { type: 'string' },
        errors: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
      },
      required: ['type', 'title', 'status'],
    },
  },
  {
    name: 'a resume',
    schema: {
      type: 'object',
      properties: {
        name: { type: 'string', pattern: '^[A-Z][a-z]+(?: [A-Z][a-z]+)+$', maxLength: 60 },
        phone: { type: 'string', pattern: '^\\+[1-9]\\d{1,14}$' },
        skills: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 30 }, minItems: 1, maxItems: 20 },
        experience: {
          type: 'array',
          maxItems: 5,
          items: {
            type: 'object',
            properties: {
              company: { type: 'string' },
              from: { type: 'string', format: 'date' },
              to: { anyOf: [{ type: 'string', format: 'date' }, { const: 'present' }] },
            },
            required: ['company', 'from', 'to'],
          },
        },
        rating: { type: 'number', minimum: 0, maximum: 5, multipleOf: 0.5 },
      },
      required: ['name', 'skills', 'experience'],
    },
  },
  {
    name: 'geography',
    schema: {
      oneOf: [
        {
          title: 'Point',
          type: 'object',
          required: ['type', 'coordinates'],
          properties: {
            type: { type: 'string', enum: ['Point'] },
            coordinates: { type: 'array', minItems: 2, items: { type: 'number' } },
          },
        },
        {
          title: 'LineString',
          type: 'object',
          required: ['type', 'coordinates'],
          properties: {
            type: { type: 'string', enum: ['LineString'] },
            coordinates: {
              type: 'array',
              minItems: 2,
              items: { type: 'array', minItems: 2, items: { type: 'number' } },
            },
          },
        },
        { type: 'null' },
      ],
    },
  },
];

export const realSchemas: readonly SchemaCase[] = [...functionSchemas, ...models, ...validators, ...services];
