// Every name that providers import, from every path, with and without the word type.
import { Text as Text_1, TextRole as TextRole_2, Audio as Audio_3, Image as Image_4, Video as Video_5, MediaProvider as MediaProvider_6, MediaCapability as MediaCapability_7, ProviderType as ProviderType_8, ProviderModel as ProviderModel_9, ProviderConfig as ProviderConfig_10, TextToTextModel as TextToTextModel_11, TextToTextOptions as TextToTextOptions_12, AbstractDockerProvider as AbstractDockerProvider_13, getServiceRegistry as getServiceRegistry_14, getProviderRegistry as getProviderRegistry_15 } from '@mediaconduit/mediaconduit';
import type { Text as Typed15_0, TextRole as Typed15_1, Audio as Typed15_2, Image as Typed15_3, Video as Typed15_4, MediaProvider as Typed15_5, MediaCapability as Typed15_6, ProviderType as Typed15_7, ProviderModel as Typed15_8, ProviderConfig as Typed15_9, TextToTextModel as Typed15_10, TextToTextOptions as Typed15_11, AbstractDockerProvider as Typed15_12, getServiceRegistry as Typed15_13, getProviderRegistry as Typed15_14 } from '@mediaconduit/mediaconduit';
import { MediaCapability as MediaCapability_16, ProviderType as ProviderType_17, JobStatus as JobStatus_18, ProviderModel as ProviderModel_19, ProviderConfig as ProviderConfig_20, MediaProvider as MediaProvider_21, GenerationRequest as GenerationRequest_22, GenerationResult as GenerationResult_23 } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaCapability as Typed23_0, ProviderType as Typed23_1, JobStatus as Typed23_2, ProviderModel as Typed23_3, ProviderConfig as Typed23_4, MediaProvider as Typed23_5, GenerationRequest as Typed23_6, GenerationResult as Typed23_7 } from '@mediaconduit/mediaconduit/src/media/types/provider';
import { Model as Model_24, ModelMetadata as ModelMetadata_25 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/Model';
import type { Model as Typed25_0, ModelMetadata as Typed25_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/Model';
import { TextToTextModel as TextToTextModel_26, TextToTextOptions as TextToTextOptions_27 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToTextModel';
import type { TextToTextModel as Typed27_0, TextToTextOptions as Typed27_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToTextModel';
import { TextToTextProvider as TextToTextProvider_28 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToTextProvider';
import type { TextToTextProvider as Typed28_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToTextProvider';
import { TextToImageModel as TextToImageModel_29, TextToImageOptions as TextToImageOptions_30 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToImageModel';
import type { TextToImageModel as Typed30_0, TextToImageOptions as Typed30_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToImageModel';
import { TextToImageProvider as TextToImageProvider_31 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToImageProvider';
import type { TextToImageProvider as Typed31_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToImageProvider';
import { ImageToImageModel as ImageToImageModel_32, ImageToImageOptions as ImageToImageOptions_33 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToImageModel';
import type { ImageToImageModel as Typed33_0, ImageToImageOptions as Typed33_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToImageModel';
import { ImageToImageProvider as ImageToImageProvider_34 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToImageProvider';
import type { ImageToImageProvider as Typed34_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToImageProvider';
import { ImageToTextModel as ImageToTextModel_35, ImageToTextOptions as ImageToTextOptions_36 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToTextModel';
import type { ImageToTextModel as Typed36_0, ImageToTextOptions as Typed36_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToTextModel';
import { ImageToTextProvider as ImageToTextProvider_37 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToTextProvider';
import type { ImageToTextProvider as Typed37_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToTextProvider';
import { TextToVideoModel as TextToVideoModel_38, TextToVideoOptions as TextToVideoOptions_39 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToVideoModel';
import type { TextToVideoModel as Typed39_0, TextToVideoOptions as Typed39_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToVideoModel';
import { TextToVideoProvider as TextToVideoProvider_40 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToVideoProvider';
import type { TextToVideoProvider as Typed40_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToVideoProvider';
import { ImageToVideoModel as ImageToVideoModel_41, ImageToVideoOptions as ImageToVideoOptions_42 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToVideoModel';
import type { ImageToVideoModel as Typed42_0, ImageToVideoOptions as Typed42_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToVideoModel';
import { ImageToVideoProvider as ImageToVideoProvider_43 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToVideoProvider';
import type { ImageToVideoProvider as Typed43_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToVideoProvider';
import { VideoToVideoModel as VideoToVideoModel_44, VideoToVideoOptions as VideoToVideoOptions_45 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToVideoModel';
import type { VideoToVideoModel as Typed45_0, VideoToVideoOptions as Typed45_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToVideoModel';
import { VideoToVideoProvider as VideoToVideoProvider_46 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToVideoProvider';
import type { VideoToVideoProvider as Typed46_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToVideoProvider';
import { VideoToImageModel as VideoToImageModel_47, VideoToImageOptions as VideoToImageOptions_48 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToImageModel';
import type { VideoToImageModel as Typed48_0, VideoToImageOptions as Typed48_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToImageModel';
import { VideoToImageProvider as VideoToImageProvider_49 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToImageProvider';
import type { VideoToImageProvider as Typed49_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToImageProvider';
import { VideoToAudioModel as VideoToAudioModel_50, VideoToAudioOptions as VideoToAudioOptions_51 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToAudioModel';
import type { VideoToAudioModel as Typed51_0, VideoToAudioOptions as Typed51_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToAudioModel';
import { VideoToAudioProvider as VideoToAudioProvider_52 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToAudioProvider';
import type { VideoToAudioProvider as Typed52_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToAudioProvider';
import { TextToAudioModel as TextToAudioModel_53, TextToAudioOptions as TextToAudioOptions_54 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToAudioModel';
import type { TextToAudioModel as Typed54_0, TextToAudioOptions as Typed54_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToAudioModel';
import { TextToAudioProvider as TextToAudioProvider_55 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToAudioProvider';
import type { TextToAudioProvider as Typed55_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextToAudioProvider';
import { AudioToTextModel as AudioToTextModel_56, AudioToTextOptions as AudioToTextOptions_57 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/AudioToTextModel';
import type { AudioToTextModel as Typed57_0, AudioToTextOptions as Typed57_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/AudioToTextModel';
import { AudioToTextProvider as AudioToTextProvider_58 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/AudioToTextProvider';
import type { AudioToTextProvider as Typed58_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/AudioToTextProvider';
import { AudioToAudioModel as AudioToAudioModel_59, AudioToAudioOptions as AudioToAudioOptions_60 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/AudioToAudioModel';
import type { AudioToAudioModel as Typed60_0, AudioToAudioOptions as Typed60_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/AudioToAudioModel';
import { AudioToAudioProvider as AudioToAudioProvider_61 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/AudioToAudioProvider';
import type { AudioToAudioProvider as Typed61_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/AudioToAudioProvider';
import { TextTo3DModel as TextTo3DModel_62, TextTo3DOptions as TextTo3DOptions_63 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextTo3DModel';
import type { TextTo3DModel as Typed63_0, TextTo3DOptions as Typed63_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextTo3DModel';
import { TextTo3DProvider as TextTo3DProvider_64 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextTo3DProvider';
import type { TextTo3DProvider as Typed64_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/TextTo3DProvider';
import { ImageTo3DModel as ImageTo3DModel_65, ImageTo3DOptions as ImageTo3DOptions_66 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageTo3DModel';
import type { ImageTo3DModel as Typed66_0, ImageTo3DOptions as Typed66_1 } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageTo3DModel';
import { ImageTo3DProvider as ImageTo3DProvider_67 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageTo3DProvider';
import type { ImageTo3DProvider as Typed67_0 } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageTo3DProvider';
import { Text as Text_68, Image as Image_69, Audio as Audio_70, Video as Video_71, TextRole as TextRole_72, ImageRole as ImageRole_73, AudioRole as AudioRole_74, VideoRole as VideoRole_75, ImageFormat as ImageFormat_76, AudioFormat as AudioFormat_77, VideoFormat as VideoFormat_78, TextMetadata as TextMetadata_79, ImageMetadata as ImageMetadata_80, AudioMetadata as AudioMetadata_81, VideoMetadata as VideoMetadata_82, GenerationPrompt as GenerationPrompt_83 } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { Text as Typed83_0, Image as Typed83_1, Audio as Typed83_2, Video as Typed83_3, TextRole as Typed83_4, ImageRole as Typed83_5, AudioRole as Typed83_6, VideoRole as Typed83_7, ImageFormat as Typed83_8, AudioFormat as Typed83_9, VideoFormat as Typed83_10, TextMetadata as Typed83_11, ImageMetadata as Typed83_12, AudioMetadata as Typed83_13, VideoMetadata as Typed83_14, GenerationPrompt as Typed83_15 } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import { Text as Text_84 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Text';
import type { Text as Typed84_0 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Text';
import { Image as Image_85 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Image';
import type { Image as Typed85_0 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Image';
import { Audio as Audio_86 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Audio';
import type { Audio as Typed86_0 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Audio';
import { Video as Video_87 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Video';
import type { Video as Typed87_0 } from '@mediaconduit/mediaconduit/src/media/assets/roles/classes/Video';
import { GenerationPrompt as GenerationPrompt_88 } from '@mediaconduit/mediaconduit/src/media/assets/roles/types/metadata';
import type { GenerationPrompt as Typed88_0 } from '@mediaconduit/mediaconduit/src/media/assets/roles/types/metadata';
import { GenerationPrompt as GenerationPrompt_89 } from '@mediaconduit/mediaconduit/src/media/assets/Asset';
import type { GenerationPrompt as Typed89_0 } from '@mediaconduit/mediaconduit/src/media/assets/Asset';
import { SmartAssetFactory as SmartAssetFactory_90 } from '@mediaconduit/mediaconduit/src/media/assets/SmartAssetFactory';
import type { SmartAssetFactory as Typed90_0 } from '@mediaconduit/mediaconduit/src/media/assets/SmartAssetFactory';
import { TextToTextProvider as TextToTextProvider_91, TextToImageProvider as TextToImageProvider_92, ImageToImageProvider as ImageToImageProvider_93, ImageToTextProvider as ImageToTextProvider_94, TextToVideoProvider as TextToVideoProvider_95, ImageToVideoProvider as ImageToVideoProvider_96, VideoToVideoProvider as VideoToVideoProvider_97, VideoToImageProvider as VideoToImageProvider_98, VideoToAudioProvider as VideoToAudioProvider_99, TextToAudioProvider as TextToAudioProvider_100, AudioToTextProvider as AudioToTextProvider_101, AudioToAudioProvider as AudioToAudioProvider_102, TextTo3DProvider as TextTo3DProvider_103, ImageTo3DProvider as ImageTo3DProvider_104 } from '@mediaconduit/mediaconduit/src/media/capabilities';
import type { TextToTextProvider as Typed104_0, TextToImageProvider as Typed104_1, ImageToImageProvider as Typed104_2, ImageToTextProvider as Typed104_3, TextToVideoProvider as Typed104_4, ImageToVideoProvider as Typed104_5, VideoToVideoProvider as Typed104_6, VideoToImageProvider as Typed104_7, VideoToAudioProvider as Typed104_8, TextToAudioProvider as Typed104_9, AudioToTextProvider as Typed104_10, AudioToAudioProvider as Typed104_11, TextTo3DProvider as Typed104_12, ImageTo3DProvider as Typed104_13 } from '@mediaconduit/mediaconduit/src/media/capabilities';
import { AbstractDockerProvider as AbstractDockerProvider_105 } from '@mediaconduit/mediaconduit/src/media/providers/docker/AbstractDockerProvider';
import type { AbstractDockerProvider as Typed105_0 } from '@mediaconduit/mediaconduit/src/media/providers/docker/AbstractDockerProvider';
import { ServiceRegistry as ServiceRegistry_106, getServiceRegistry as getServiceRegistry_107, DockerService as DockerService_108, ServiceInfo as ServiceInfo_109, ServiceStatus as ServiceStatus_110 } from '@mediaconduit/mediaconduit/src/media/registry/ServiceRegistry';
import type { ServiceRegistry as Typed110_0, getServiceRegistry as Typed110_1, DockerService as Typed110_2, ServiceInfo as Typed110_3, ServiceStatus as Typed110_4 } from '@mediaconduit/mediaconduit/src/media/registry/ServiceRegistry';
import { ProviderRegistry as ProviderRegistry_111, getProviderRegistry as getProviderRegistry_112 } from '@mediaconduit/mediaconduit/src/media/registry/ProviderRegistry';
import type { ProviderRegistry as Typed112_0, getProviderRegistry as Typed112_1 } from '@mediaconduit/mediaconduit/src/media/registry/ProviderRegistry';
import { createGenerationPrompt as createGenerationPrompt_113, extractInputContent as extractInputContent_114 } from '@mediaconduit/mediaconduit/src/media/utils/GenerationPromptHelper';
import type { createGenerationPrompt as Typed114_0, extractInputContent as Typed114_1 } from '@mediaconduit/mediaconduit/src/media/utils/GenerationPromptHelper';

export const values = {
  Text_1, Audio_3, Image_4, Video_5, MediaCapability_7, ProviderType_8, TextToTextModel_11,
  AbstractDockerProvider_13, getServiceRegistry_14, getProviderRegistry_15, MediaCapability_16, ProviderType_17,
  JobStatus_18, Model_24, TextToTextModel_26, TextToImageModel_29, ImageToImageModel_32, ImageToTextModel_35,
  TextToVideoModel_38, ImageToVideoModel_41, VideoToVideoModel_44, VideoToImageModel_47, VideoToAudioModel_50,
  TextToAudioModel_53, AudioToTextModel_56, AudioToAudioModel_59, TextTo3DModel_62, ImageTo3DModel_65, Text_68,
  Image_69, Audio_70, Video_71, Text_84, Image_85, Audio_86, Video_87, SmartAssetFactory_90,
  AbstractDockerProvider_105, ServiceRegistry_106, getServiceRegistry_107, ProviderRegistry_111,
  getProviderRegistry_112, createGenerationPrompt_113, extractInputContent_114,
};

export type Types = [
  TextRole_2, MediaProvider_6, ProviderModel_9, ProviderConfig_10, TextToTextOptions_12, Typed15_0, Typed15_1,
  Typed15_2, Typed15_3, Typed15_4, Typed15_5, Typed15_6, Typed15_7, Typed15_8, Typed15_9, Typed15_10, Typed15_11,
  Typed15_12, ProviderModel_19, ProviderConfig_20, MediaProvider_21, GenerationRequest_22, GenerationResult_23,
  Typed23_0, Typed23_1, Typed23_2, Typed23_3, Typed23_4, Typed23_5, Typed23_6, Typed23_7, ModelMetadata_25,
  Typed25_0, Typed25_1, TextToTextOptions_27, Typed27_0, Typed27_1, TextToTextProvider_28, Typed28_0,
  TextToImageOptions_30, Typed30_0, Typed30_1, TextToImageProvider_31, Typed31_0, ImageToImageOptions_33, Typed33_0,
  Typed33_1, ImageToImageProvider_34, Typed34_0, ImageToTextOptions_36, Typed36_0, Typed36_1,
  ImageToTextProvider_37, Typed37_0, TextToVideoOptions_39, Typed39_0, Typed39_1, TextToVideoProvider_40, Typed40_0,
  ImageToVideoOptions_42, Typed42_0, Typed42_1, ImageToVideoProvider_43, Typed43_0, VideoToVideoOptions_45,
  Typed45_0, Typed45_1, VideoToVideoProvider_46, Typed46_0, VideoToImageOptions_48, Typed48_0, Typed48_1,
  VideoToImageProvider_49, Typed49_0, VideoToAudioOptions_51, Typed51_0, Typed51_1, VideoToAudioProvider_52,
  Typed52_0, TextToAudioOptions_54, Typed54_0, Typed54_1, TextToAudioProvider_55, Typed55_0, AudioToTextOptions_57,
  Typed57_0, Typed57_1, AudioToTextProvider_58, Typed58_0, AudioToAudioOptions_60, Typed60_0, Typed60_1,
  AudioToAudioProvider_61, Typed61_0, TextTo3DOptions_63, Typed63_0, Typed63_1, TextTo3DProvider_64, Typed64_0,
  ImageTo3DOptions_66, Typed66_0, Typed66_1, ImageTo3DProvider_67, Typed67_0, TextRole_72, ImageRole_73,
  AudioRole_74, VideoRole_75, ImageFormat_76, AudioFormat_77, VideoFormat_78, TextMetadata_79, ImageMetadata_80,
  AudioMetadata_81, VideoMetadata_82, GenerationPrompt_83, Typed83_0, Typed83_1, Typed83_2, Typed83_3, Typed83_4,
  Typed83_5, Typed83_6, Typed83_7, Typed83_8, Typed83_9, Typed83_10, Typed83_11, Typed83_12, Typed83_13, Typed83_14,
  Typed83_15, Typed84_0, Typed85_0, Typed86_0, Typed87_0, GenerationPrompt_88, Typed88_0, GenerationPrompt_89,
  Typed89_0, Typed90_0, TextToTextProvider_91, TextToImageProvider_92, ImageToImageProvider_93,
  ImageToTextProvider_94, TextToVideoProvider_95, ImageToVideoProvider_96, VideoToVideoProvider_97,
  VideoToImageProvider_98, VideoToAudioProvider_99, TextToAudioProvider_100, AudioToTextProvider_101,
  AudioToAudioProvider_102, TextTo3DProvider_103, ImageTo3DProvider_104, Typed104_0, Typed104_1, Typed104_2,
  Typed104_3, Typed104_4, Typed104_5, Typed104_6, Typed104_7, Typed104_8, Typed104_9, Typed104_10, Typed104_11,
  Typed104_12, Typed104_13, Typed105_0, DockerService_108, ServiceInfo_109, ServiceStatus_110, Typed110_0,
  Typed110_2, Typed110_3, Typed110_4, Typed112_0,
];
