// Calls by $(), and the roles that an asset takes.
import { $, Asset, MediaCapability, Model3D, Text } from '@mediaconduit/mediaconduit';
import type { MediaProvider, Model3DFormat, Model3DRole } from '@mediaconduit/mediaconduit';

export async function calls(provider: MediaProvider, scene: Model3DRole): Promise<Model3D> {
  const format: Model3DFormat = 'glb';
  await $('cowsay')('cowsay-default')('moo');
  await $(provider).model('draw').transform([Text.fromString('a fox'), scene], { format });
  await $(provider).for(MediaCapability.TEXT_TO_3D)('a fox');
  await $(provider).for('text-to-3d')('a fox');
  return (await new Asset('scene.glb').asModel3D()).asRole(Model3D);
}
