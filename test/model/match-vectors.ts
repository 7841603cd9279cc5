/** A pattern with names that fit it, with what their placeholders stand for, and names that do not. */
export interface MatchVector {
  readonly id: string;
  readonly rule: string;
  readonly pattern: string;
  readonly fits: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly misfits: readonly string[];
}

const long = 'x'.repeat(100);

/** Which names fit which patterns; the ids are those of parproc's own cases. */
export const matchVectors: readonly MatchVector[] = [
  {
    id: 'RM1',
    rule: 'a pattern without placeholders fits itself only',
    pattern: 'B::1::2',
    fits: { 'B::1::2': {} },
    misfits: ['B::1::3', 'B::2::2'],
  },
  {
    id: 'RM2',
    rule: 'a placeholder takes any segment',
    pattern: 'B::[a]',
    fits: { 'B::test': { a: 'test' }, 'B::123': { a: '123' } },
    misfits: ['C::test'],
  },
  {
    id: 'RM3',
    rule: 'each placeholder takes one segment, which is not empty',
    pattern: 'B::[a]::[b]',
    fits: {
      'B::test::2': { a: 'test', b: '2' },
      'B::foo::42': { a: 'foo', b: '42' },
      'B::my-cluster::us-east-1': { a: 'my-cluster', b: 'us-east-1' },
    },
    misfits: ['B::test', 'C::test::2', 'B-my-cluster-2', 'B::::2'],
  },
  {
    id: 'RM4',
    rule: 'a literal segment before a placeholder has to be the same',
    pattern: 'B::1::[b]',
    fits: { 'B::1::2': { b: '2' }, 'B::1::42': { b: '42' } },
    misfits: ['B::2::2', 'B::something::2', 'B::1'],
  },
  {
    id: 'RM5',
    rule: 'a literal segment after a placeholder has to be the same',
    pattern: 'B::[a]::2',
    fits: {
      'B::test::2': { a: 'test' },
      'B::1::2': { a: '1' },
      [`B::${long}::2`]: { a: long },
    },
    misfits: ['B::test::3', 'B::test'],
  },
  {
    id: 'RM6',
    rule: 'literal segments and placeholders may alternate',
    pattern: 'B::[a]::1::[b]',
    fits: { 'B::test::1::2': { a: 'test', b: '2' } },
    misfits: ['B::test::2::2', 'B::test::1'],
  },
  {
    id: 'RM7',
    rule: 'several literal segments may come before a placeholder',
    pattern: 'B::1::2::[c]',
    fits: { 'B::1::2::foo': { c: 'foo' } },
    misfits: ['B::1::3::test', 'B::1::2'],
  },
  {
    id: 'RM8',
    rule: 'placeholders between literal segments are told apart',
    pattern: 'A::[x]::B::[y]::C',
    fits: { 'A::test::B::foo::C': { x: 'test', y: 'foo' } },
    misfits: ['A::test::B::foo::D', 'A::test::C::foo::B'],
  },
  {
    id: 'RM9',
    rule: 'case counts',
    pattern: 'B::[a]::test::2',
    fits: { 'B::foo::test::2': { a: 'foo' } },
    misfits: ['B::foo::test::3', 'B::foo::TEST::2'],
  },
  {
    id: 'RM10',
    rule: 'every placeholder needs a segment',
    pattern: 'task::[id]::[status]',
    fits: { 'task::12345::done': { id: '12345', status: 'done' } },
    misfits: ['task::12345'],
  },
  {
    id: 'RM11',
    rule: 'the last placeholder is never empty and takes one segment (parproc: may be empty, takes all)',
    pattern: 'A::[x]',
    fits: { 'A::x': { x: 'x' } },
    misfits: ['A::', 'A::x::y'],
  },
  {
    id: 'RM12',
    rule: 'a name that is too short does not fit',
    pattern: 'B::[a]::[b]::[c]',
    fits: {},
    misfits: ['B::test::2'],
  },
  {
    id: 'RM13',
    rule: 'dots are ordinary characters',
    pattern: 'build::[project]::[version]',
    fits: { 'build::myapp::1.0.0': { project: 'myapp', version: '1.0.0' } },
    misfits: ['deploy::prod'],
  },
  {
    id: 'RM14',
    rule: 'dots and dashes in literal segments are taken as they are',
    pattern: 'k8s.build-image::[target]::frontend',
    fits: { 'k8s.build-image::stage::frontend': { target: 'stage' } },
    misfits: ['k8s.build-image::stage::backend', 'k8sxbuild-image::stage::frontend'],
  },
];
